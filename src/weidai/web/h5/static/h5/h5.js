// Courtesies of the borrower pages. Every page works without this file; the server decides everything it touches.
(function () {
  "use strict";

  // A second tap sends nothing. The idempotency key in the form is what really protects.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    var button = event.submitter;
    setTimeout(function () {
      if (button) { button.setAttribute("aria-busy", "true"); }
    }, 0);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
    document.querySelectorAll("[aria-busy]").forEach(function (element) { element.removeAttribute("aria-busy"); });
  });

  // What went wrong gets the focus, so that it is read out and scrolled to.
  var wrong = document.querySelector("[data-focus]");
  if (wrong) { wrong.focus(); }

  // Resending a code: count down what the server will refuse anyway.
  document.querySelectorAll("[data-wait-seconds]").forEach(function (button) {
    var left = Number(button.dataset.waitSeconds), words = button.textContent;
    function show() {
      button.disabled = left > 0;
      button.textContent = left > 0 ? button.dataset.waitText.replace("%n", left) : words;
      if (left > 0) { left -= 1; setTimeout(show, 1000); }
    }
    show();
  });

  // Forced reading: the button waits until every text that names it has had its time and was scrolled to its end.
  var held = {};
  document.querySelectorAll("[data-reading-seconds]").forEach(function (box) {
    var left = Number(box.dataset.readingSeconds), atEnd = false, isDone = false, name = box.dataset.readingButton;
    var status = box.parentNode.querySelector(".wd-reading__left");
    var button = document.getElementById(name);
    held[name] = (held[name] || 0) + 1;
    function show() {
      atEnd = atEnd || box.scrollTop + box.clientHeight >= box.scrollHeight - 8;
      if (!isDone && left <= 0 && atEnd) { isDone = true; held[name] -= 1; }
      if (button) { button.disabled = held[name] > 0; }
      var words = isDone ? status.dataset.done : left > 0 ? status.dataset.left.replace("%n", left) : status.dataset.scroll;
      if (status.textContent !== words) { status.textContent = words; }
    }
    box.addEventListener("scroll", show, { passive: true });
    (function tick() { show(); if (left > 0) { left -= 1; setTimeout(tick, 1000); } })();
  });
})();
