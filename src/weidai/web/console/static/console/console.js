// Courtesies of the console. The server decides everything it touches.
(function () {
  "use strict";
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.wd-menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) { menu.open = false; }
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.wd-menu[open]").forEach(function (menu) { menu.open = false; menu.firstElementChild.focus(); });
  });
  var wrong = document.querySelector("[data-focus]");
  if (wrong) { wrong.focus(); }
})();
