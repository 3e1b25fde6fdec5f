// Before the first paint: follow the system when no theme was chosen.
(function () {
  "use strict";
  var root = document.documentElement, dark = window.matchMedia("(prefers-color-scheme: dark)");
  function apply() { if (root.dataset.theme === "auto") { root.dataset.bsTheme = dark.matches ? "dark" : "light"; } }
  apply();
  dark.addEventListener("change", apply);
})();
