// A paper beside its fields: zoom, turn, drag, light up, keys. Everything can be done without it.
(function () {
  "use strict";
  var viewer = document.querySelector("[data-viewer]");
  var rows = Array.prototype.slice.call(document.querySelectorAll("[data-field]"));
  var boxes = Array.prototype.slice.call(document.querySelectorAll("[data-box]"));
  var at = -1;

  function light(code, scroll) {
    rows.forEach(function (row) { row.classList.toggle("is-lit", row.dataset.field === code); });
    boxes.forEach(function (box) {
      var lit = box.dataset.box === code;
      box.classList.toggle("is-lit", lit);
      if (lit && scroll && zoom > 1) { box.scrollIntoView({ block: "center", inline: "center" }); }
      if (lit && scroll && zoom === 1 && viewer) { bring(box); }
    });
    rows.forEach(function (row, index) { if (row.dataset.field === code) { at = index; } });
  }

  // Of a PDF of several pages only the stage moves to the place: the field in hand stays where it is.
  function bring(box) {
    var stage = viewer.querySelector(".pp-stage"), here = box.getBoundingClientRect(), room = stage.getBoundingClientRect();
    if (here.top < room.top || here.bottom > room.bottom) { stage.scrollTop += here.top - room.top - room.height / 2; }
  }

  var zoom = 1, turned = 0;
  if (viewer) {
    var stage = viewer.querySelector(".pp-stage"), picture = viewer.querySelector(".pp-picture");
    var turning = viewer.querySelector("[data-turn]"), scale = viewer.querySelector("[data-scale]");
    var width = Number(picture.dataset.width), height = Number(picture.dataset.height);
    viewer.querySelector("[data-tools]").hidden = false;

    var show = function () {
      var lying = turned % 180 !== 0;
      picture.setAttribute("viewBox", lying ? "0 0 " + height + " " + width : "0 0 " + width + " " + height);
      turning.setAttribute("transform", { 0: "", 90: "translate(" + height + " 0) rotate(90)",
        180: "rotate(180 " + width / 2 + " " + height / 2 + ")", 270: "translate(0 " + width + ") rotate(-90)" }[turned]);
      picture.style.width = zoom * 100 + "%";
      scale.textContent = Math.round(zoom * 100) + "%";
    };
    var zoomTo = function (wanted) {
      var before = zoom;
      zoom = Math.min(6, Math.max(1, wanted));
      var x = (stage.scrollLeft + stage.clientWidth / 2) * zoom / before, y = (stage.scrollTop + stage.clientHeight / 2) * zoom / before;
      show();
      stage.scrollLeft = x - stage.clientWidth / 2;
      stage.scrollTop = y - stage.clientHeight / 2;
    };
    var acts = {
      "in": function () { zoomTo(zoom * 1.25); }, out: function () { zoomTo(zoom / 1.25); },
      fit: function () { turned = 0; zoomTo(1); },
      turn: function () { turned = (turned + 90) % 360; show(); },
      boxes: function (button) {
        var bare = picture.classList.toggle("is-bare");
        button.setAttribute("aria-pressed", bare ? "false" : "true");
      }
    };
    viewer.querySelectorAll("[data-view]").forEach(function (button) {
      button.addEventListener("click", function () { acts[button.dataset.view](button); });
    });
    stage.addEventListener("wheel", function (event) {
      if (!event.ctrlKey) { return; }
      event.preventDefault();
      zoomTo(zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
    }, { passive: false });
    var place = viewer.querySelector("[data-page]"), edges = Array.prototype.slice.call(picture.querySelectorAll(".pp-edge"));
    if (place) {
      stage.addEventListener("scroll", function () {
        var middle = stage.getBoundingClientRect().top + stage.clientHeight / 2;
        place.textContent = 1 + edges.filter(function (edge) { return edge.getBoundingClientRect().top < middle; }).length;
      }, { passive: true });
    }
    var drag = null;
    stage.addEventListener("pointerdown", function (event) {
      if (event.button !== 0 || zoom === 1) { return; }
      drag = { x: event.clientX, y: event.clientY, left: stage.scrollLeft, top: stage.scrollTop };
      stage.classList.add("is-dragged");
    });
    window.addEventListener("pointermove", function (event) {
      if (!drag) { return; }
      stage.scrollLeft = drag.left - (event.clientX - drag.x);
      stage.scrollTop = drag.top - (event.clientY - drag.y);
    });
    window.addEventListener("pointerup", function () { drag = null; stage.classList.remove("is-dragged"); });
  }

  rows.forEach(function (row) {
    ["mouseenter", "focusin"].forEach(function (name) {
      row.addEventListener(name, function () { light(row.dataset.field, name === "focusin"); });
    });
  });
  boxes.forEach(function (box) {
    box.addEventListener("mouseenter", function () { light(box.dataset.box, false); });
    box.addEventListener("click", function () {
      var row = rows.filter(function (one) { return one.dataset.field === box.dataset.box; })[0];
      if (row) { row.scrollIntoView({ block: "center" }); focusIn(row); }
    });
  });

  document.querySelectorAll("[data-fill]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      var field = document.getElementById(link.dataset.fill);
      if (!field) { return; }
      event.preventDefault();
      field.value = link.dataset.value.replace(/,/g, "");
      field.focus();
      field.scrollIntoView({ block: "center" });
    });
  });

  function focusIn(row) {
    var first = row.querySelector("input[type=radio]:checked, input[type=radio], select");
    light(row.dataset.field, true);
    if (first) { first.focus({ preventScroll: true }); }
    row.scrollIntoView({ block: "nearest" });
  }
  function choose(verdict) {
    var row = rows[at];
    if (!row) { return; }
    var radio = row.querySelector("input[type=radio][value=" + verdict + "]"), select = row.querySelector("select");
    if (radio) { radio.checked = true; radio.focus({ preventScroll: true }); }
    if (select) { select.value = verdict; select.focus({ preventScroll: true }); }
    if (verdict === "accepted" && at + 1 < rows.length) { focusIn(rows[at + 1]); }
  }
  function follow(name) {
    var link = document.querySelector("[data-go=" + name + "]");
    if (link) { link.click(); }
  }
  var keys = {
    "+": function () { acts["in"](); }, "=": function () { acts["in"](); }, "-": function () { acts.out(); }, "0": function () { acts.fit(); },
    r: function () { acts.turn(); }, b: function () { viewer.querySelector("[data-view=boxes]").click(); },
    j: function () { if (at + 1 < rows.length) { focusIn(rows[at + 1]); } }, k: function () { if (at > 0) { focusIn(rows[at - 1]); } },
    a: function () { choose("accepted"); }, d: function () { choose("doubted"); }, c: function () { choose("corrected"); },
    "[": function () { follow("before"); }, "]": function () { follow("next"); }
  };
  var toggle = document.querySelector("[data-keys]"), isOn = true;
  if (toggle) {
    try { isOn = localStorage.getItem("weidai_paper_keys") !== "off"; } catch (error) { isOn = true; }
    toggle.hidden = false;
    toggle.firstElementChild.checked = isOn;
    toggle.firstElementChild.addEventListener("change", function () {
      isOn = toggle.firstElementChild.checked;
      try { localStorage.setItem("weidai_paper_keys", isOn ? "on" : "off"); } catch (error) { return; }
    });
  }
  document.addEventListener("keydown", function (event) {
    if (!isOn) { return; }
    var typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.target.tagName === "SELECT" && event.key.length === 1 && /[a-z]/.test(event.key)) { return; }
    var act = keys[event.key];
    if (act && (viewer || !/[+=\-0rb]/.test(event.key))) { event.preventDefault(); act(); }
  });
})();
