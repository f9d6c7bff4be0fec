DROP TABLE webhook_deliveries;
DROP TABLE webhook_keys;
DROP TABLE webhooks;
