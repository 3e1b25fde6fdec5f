// The camera of the face check: opens it, shows what the server asks for, sends the frames. The server judges.
// Written for old WebViews (no async, no arrows): what they cannot do ends on a page that says so, not in a dead button.
(function () {
  "use strict";
  var box = document.getElementById("face");
  if (!box) { return; }
  var data = box.dataset, video = box.querySelector("video"), button = document.getElementById("face-start");
  var prompt = document.getElementById("face-prompt"), bar = document.getElementById("face-bar");
  var csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
  var words = JSON.parse(document.getElementById("face-words").textContent);
  var FACING_MS = 1000, BETWEEN_MS = 900, FRAME_MS = 300, LEAST = [2, 4], WIDTH = 480, OPEN_MS = 45000;
  document.getElementById("face-without").hidden = true;
  button.hidden = false;
  var stream = null, challenge = null, ended = false, taken = [], canvas = document.createElement("canvas");

  function say(text) { if (prompt.textContent !== text) { prompt.textContent = text; } }
  function stop() {
    ended = true;
    if (stream) { stream.getTracks().forEach(function (track) { track.onended = null; track.stop(); }); }
  }
  function leave(address) { stop(); window.location.replace(address); }
  function fail(kind) {
    if (ended) { return; }
    if (challenge) {
      var form = new FormData();
      form.append("csrfmiddlewaretoken", csrf);
      form.append("kind", kind);
      if (navigator.sendBeacon) { navigator.sendBeacon(challenge.abandon_url, form); }
    }
    leave(data.problem + "&kind=" + encodeURIComponent(kind));
  }
  function wait(ms) { return new Promise(function (done) { setTimeout(done, ms); }); }

  function post(address, form, seconds) {
    var given = window.AbortController ? new AbortController() : null;
    var timer = setTimeout(function () { if (given) { given.abort(); } else { fail("network"); } }, seconds * 1000);
    form.append("csrfmiddlewaretoken", csrf);
    form.append("purpose", data.purpose);
    form.append("next", data.next);
    return fetch(address, { method: "POST", body: form, credentials: "same-origin", signal: given ? given.signal : undefined })
      .then(function (answer) {
        clearTimeout(timer);
        if (answer.redirected) { stop(); window.location.reload(); return new Promise(function () {}); } // signed out meanwhile: sign in, come back
        if (!answer.ok) { throw new Error("answer"); }
        return answer.json();
      });
  }

  function frame(step, start) {
    var ratio = video.videoHeight / video.videoWidth || 0.75;
    canvas.width = WIDTH;
    canvas.height = Math.round(WIDTH * ratio);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    var mark = [step, Math.round(performance.now() - start)];
    return new Promise(function (done) {
      canvas.toBlob(function (blob) { if (blob) { taken.push([mark, blob]); } done(); }, "image/jpeg", 0.82);
    });
  }

  function step(number, text, ms, start) {
    var until = performance.now() + ms, least = LEAST[number % 2];  // a slow phone is given longer, not fewer pictures
    say(text);
    box.dataset.step = String(number % 2);
    bar.classList.remove("is-running");
    void bar.offsetWidth;
    bar.style.setProperty("animation-duration", ms + "ms");
    bar.classList.add("is-running");
    function more() {
      if (ended || (performance.now() >= until && least <= 0)) { return null; }
      var next = performance.now() + FRAME_MS;
      least -= 1;
      return frame(number, start).then(function () {
        return wait(Math.max(0, (least > 0 ? next : Math.min(next, until)) - performance.now()));
      }).then(more);
    }
    return Promise.resolve().then(more);
  }

  function send() {
    say(data.sending);
    box.classList.add("is-sending");
    stream.getTracks().forEach(function (track) { track.onended = null; track.stop(); });
    var form = new FormData();
    form.append("marks", JSON.stringify(taken.map(function (one) { return one[0].concat(one[1].size); })));
    form.append("frames", new Blob(taken.map(function (one) { return one[1]; })), "frames.bin");
    post(challenge.frames_url, form, 60).then(function (answer) { challenge = null; leave(answer.next); },
      function () { challenge = null; fail("network"); });
  }

  function play() {
    var start = performance.now(), over = setTimeout(function () { fail("timeout"); }, challenge.seconds * 1000);
    var steps = step(0, data.facing, FACING_MS, start), count = challenge.actions.length;
    challenge.actions.forEach(function (action, i) {
      if (i > 0) { steps = steps.then(function () { return ended ? null : step(2 * i, data.facing, BETWEEN_MS, start); }); }
      steps = steps.then(function () {
        return ended ? null : step(2 * i + 1, (i + 1) + "/" + count + " " + words[action], challenge.step_ms, start);
      });
    });
    return steps.then(function () {
      clearTimeout(over);
      if (!ended) { send(); }
    });
  }

  function opened(given) {
    stream = given;
    stream.getVideoTracks()[0].onended = function () { fail("camera_lost"); };
    video.srcObject = stream;
    box.hidden = false;
    return video.play().then(function () {
      return post(data.challenge, new FormData(), 20).then(function (answer) {
        if (answer.next) { leave(answer.next); return null; }
        challenge = answer;
        return ended ? null : play();
      }, function () { fail("network"); });
    });
  }

  button.addEventListener("click", function () {
    if (!window.isSecureContext) { fail("insecure"); return; }
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia || !canvas.toBlob || !window.fetch) {
      fail("unsupported");
      return;
    }
    button.disabled = true;
    document.body.classList.add("fc-live");
    say(data.opening);
    var slow = setTimeout(function () { fail("timeout"); }, OPEN_MS);
    navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } } })
      .then(function (given) { clearTimeout(slow); return opened(given); })
      .catch(function (error) {
        clearTimeout(slow);
        fail(error.name === "NotAllowedError" || error.name === "SecurityError" ? "camera_refused" : "no_camera");
      });
  });
  // Coming back with the back button may bring a page whose camera has been closed long ago.
  window.addEventListener("pageshow", function (event) { if (event.persisted && ended) { window.location.reload(); } });
  document.addEventListener("visibilitychange", function () { if (document.hidden && stream) { fail("camera_lost"); } });
})();
