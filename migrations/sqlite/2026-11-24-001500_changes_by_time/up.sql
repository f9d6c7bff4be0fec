-- Which revision was the last one at a time: the first thing that a question about the past needs to know.
CREATE INDEX changes_by_time ON changes (at, revision);
