// How Swagger UI is set up here. Takes the place of the file of this name that comes with it.

// The examples of the document are there to be read. Swagger UI would send the example of every parameter with each
// request that is tried out, and a list with all its filters at once finds nothing: so those that may be left out are
// shown in words instead.
function withExamplesInWords(response) {
  if (!new URL(response.url, window.location).pathname.endsWith("/openapi.json") || !response.ok) {
    return response;
  }
  const api = JSON.parse(response.text);
  const operations = Object.values(api.paths).flatMap((path) => Object.values(path));
  // Most parameters are shared, and operations refer to them.
  const shared = Object.values(api.components?.parameters ?? {});
  for (const parameter of [...shared, ...operations.flatMap((operation) => operation.parameters ?? [])]) {
    if (!parameter.required && parameter.example !== undefined) {
      const example = [parameter.example].flat().join(",");
      parameter.description = `${parameter.description ?? ""} For example \`${example}\`.`.trim();
      delete parameter.example;
    }
  }
  response.text = JSON.stringify(api);
  return response;
}

window.onload = () => {
  window.ui = SwaggerUIBundle({
    dom_id: "#swagger-ui",
    // Beside this page, wherever a proxy has put it.
    url: "../openapi.json",
    responseInterceptor: withExamplesInWords,
    queryConfigEnabled: false,
    persistAuthorization: false,
    validatorUrl: "none",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    docExpansion: "none",
    filter: true,
    tryItOutEnabled: true,
    layout: "StandaloneLayout",
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl],
  });
};
