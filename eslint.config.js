import js from "@eslint/js";
import globals from "globals";

// Text from people and models reaches the page through textContent and server-rendered, escaped HTML only.
const htmlSinks = ["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"].map((property) => ({
  property,
  message: "Build nodes, or let the server render the partial: text from outside must stay text.",
}));

export default [
  { ignores: ["static/vendor/", "static/built/", "node_modules/", ".venv/", "var/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-alert": "error",
      "no-console": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-restricted-properties": ["error", ...htmlSinks, { object: "document", property: "write" }],
    },
  },
  { files: ["static/js/**/*.js"], languageOptions: { globals: { ...globals.browser, bootstrap: "readonly", htmx: "readonly" } } },
  {
    files: ["tests/js/**/*.js"],
    languageOptions: { globals: globals.node },
    // Fakes of the page's elements may need the very names the product must not touch.
    rules: { "no-restricted-properties": "off" },
  },
];
