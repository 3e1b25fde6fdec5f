// Photographs a card or a page: camera or files, looked at here before they are sent. The server decides.
(function () {
  "use strict";
  var form = document.getElementById("photo");
  if (!form || !window.HTMLCanvasElement || !window.DataTransfer) { return; }
  var stage = document.getElementById("stage"), video = stage.querySelector("video"), still = stage.querySelector("img");
  var say = document.getElementById("say"), file = form.querySelector("input[type=file]"), use = document.getElementById("use");
  var open = document.getElementById("open"), words = JSON.parse(document.getElementById("id-words").textContent);
  var parts = { start: form.querySelector(".ic-start"), live: form.querySelector(".ic-live"), review: form.querySelector(".ic-review") };
  var WIDTH = Number(stage.dataset.width) || 1600, CARD = Number(stage.dataset.ratio) || 856 / 540;
  // A card was read down to 230 pixels of width and a blur of sharpness 5; a sheet has smaller letters.
  var SHORTEST = CARD > 1 ? 300 : 480, SHARP = 6, BURNT = 0.12, stream = null, first = say.textContent;

  function tell(text, wrong) { say.textContent = text; say.classList.toggle("is-wrong", !!wrong); }
  function show(state) {
    stage.dataset.state = state;
    Object.keys(parts).forEach(function (name) { parts[name].hidden = name !== state; });
    video.hidden = state !== "live";
    still.hidden = state !== "review";
    if (state === "live" && window.innerHeight < 460) { stage.scrollIntoView(); } // held sideways
  }
  function stop() { if (stream) { stream.getTracks().forEach(function (track) { track.stop(); }); stream = null; } }

  // Grey levels of the picture at no more than a thousand pixels: the server measures the same way.
  function quality(canvas) {
    var scale = Math.min(1, 1000 / Math.max(canvas.width, canvas.height)), small = document.createElement("canvas");
    var w = small.width = Math.round(canvas.width * scale), h = small.height = Math.round(canvas.height * scale);
    var context = small.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0, w, h);
    var data = context.getImageData(0, 0, w, h).data, grey = new Uint8Array(w * h), x, y, at, burnt = 0, sum = 0, squares = 0;
    for (at = 0; at < grey.length; at += 1) { grey[at] = (data[4 * at] * 77 + data[4 * at + 1] * 150 + data[4 * at + 2] * 29) >> 8; }
    for (y = 1; y < h - 1; y += 1) {
      for (x = 1; x < w - 1; x += 1) {
        at = y * w + x;
        var edge = grey[at - 1] + grey[at + 1] + grey[at - w] + grey[at + w] - 4 * grey[at];
        sum += edge; squares += edge * edge;
        if (grey[at] >= 253 && x > w * 0.1 && x < w * 0.9 && y > h * 0.1 && y < h * 0.9) { burnt += 1; }
      }
    }
    var count = (w - 2) * (h - 2), sharp = squares / count - Math.pow(sum / count, 2);
    if (Math.min(canvas.width, canvas.height) < SHORTEST) { return "small"; }
    return sharp < SHARP ? "blurred" : burnt / count > BURNT ? "glare" : "";
  }

  function review(canvas) {
    var fault = quality(canvas);
    canvas.toBlob(function (blob) {
      if (!blob) { show("start"); tell(words.broken, true); return; }
      var given = new DataTransfer();
      given.items.add(new File([blob], "card.jpg", { type: "image/jpeg" }));
      file.files = given.files;
      if (still.src) { URL.revokeObjectURL(still.src); }
      still.src = URL.createObjectURL(blob);
      show("review");
      use.hidden = fault === "small";
      use.textContent = fault ? words.anyway : words.use;
      tell(fault ? words[fault] : words.look, fault);
      (use.hidden ? document.getElementById("again") : use).focus();
    }, "image/jpeg", 0.9);
  }

  function drawn(source, x, y, w, h) {
    var canvas = document.createElement("canvas"), scale = Math.min(1, WIDTH / Math.max(w, h));
    canvas.width = Math.round(w * scale);
    canvas.height = Math.round(h * scale);
    canvas.getContext("2d").drawImage(source, x, y, w, h, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  function looked(one, then) {
    var image = new Image(), address = URL.createObjectURL(one);
    image.onload = function () { then(drawn(image, 0, 0, image.naturalWidth, image.naturalHeight)); URL.revokeObjectURL(address); };
    image.onerror = function () { URL.revokeObjectURL(address); then(null); };
    image.src = address;
  }

  // Several files, or a PDF: pictures are made smaller one after the other, what is no picture goes as it is.
  function several(chosen) {
    var given = new DataTransfer(), unclear = 0, at = 0;
    (function next() {
      if (at === chosen.length) {
        file.files = given.files;
        show("review");
        still.hidden = true;
        stage.dataset.state = "start";
        use.hidden = false;
        use.textContent = words.these;
        tell(words.several.replace("%n", chosen.length) + (unclear ? " · " + words.unclear.replace("%n", unclear) : ""), unclear);
        use.focus();
        return;
      }
      var one = chosen[at];
      at += 1;
      looked(one, function (canvas) {
        if (!canvas) { given.items.add(one); next(); return; }
        if (quality(canvas)) { unclear += 1; }
        canvas.toBlob(function (blob) {
          given.items.add(blob ? new File([blob], one.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : one);
          next();
        }, "image/jpeg", 0.9);
      });
    })();
  }

  file.addEventListener("change", function () {
    var chosen = Array.prototype.slice.call(file.files);
    if (!chosen.length) { return; }
    if (words.these && (chosen.length > 1 || chosen[0].type === "application/pdf")) { several(chosen); return; }
    looked(chosen[0], function (canvas) {
      if (canvas) { review(canvas); } else { file.value = ""; tell(words.broken, true); }
    });
  });

  if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
    open.hidden = false;
    file.removeAttribute("capture"); // with our own camera the file button is for the album
    open.addEventListener("click", function () {
      tell(words.opening);
      navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 } } })
        .then(function (given) {
          stream = given;
          video.srcObject = given;
          given.getVideoTracks()[0].onended = function () { stop(); show("start"); tell(words.none, true); };
          return video.play();
        }).then(function () { show("live"); tell(words.live); })
        .catch(function (error) { stop(); show("start"); tell(error.name === "NotAllowedError" ? words.denied : words.none, true); });
    });
    document.getElementById("shoot").addEventListener("click", function () {
      var w = video.videoWidth, h = video.videoHeight, cw = Math.min(w, h * CARD), ch = cw / CARD;
      var canvas = drawn(video, (w - cw) / 2, (h - ch) / 2, cw, ch);
      stop();
      review(canvas);
    });
    document.getElementById("close").addEventListener("click", function () { stop(); show("start"); tell(first); });
  }
  document.getElementById("again").addEventListener("click", function () {
    file.value = "";
    show("start");
    tell(first);
    if (!open.hidden) { open.click(); }
  });
  form.addEventListener("submit", function () { tell(words.sending); });
  window.addEventListener("pagehide", stop);
})();
