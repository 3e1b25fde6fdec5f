// The camera of the face check: opens it, shows what the server asks for, sends the frames. The server judges.
(function () {
  "use strict";
  var box = document.getElementById("face");
  if (!box) { return; }
  var data = box.dataset, video = box.querySelector("video"), button = document.getElementById("face-start");
  var prompt = document.getElementById("face-prompt"), bar = document.getElementById("face-bar");
  var csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
  var words = JSON.parse(document.getElementById("face-words").textContent);
  var FACING_MS = 1000, BETWEEN_MS = 900, FRAME_MS = 300, WIDTH = 480, OPEN_MS = 20000;
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
      navigator.sendBeacon(challenge.abandon_url, form);
    }
    leave(data.problem + "&kind=" + encodeURIComponent(kind));
  }
  function wait(ms) { return new Promise(function (done) { setTimeout(done, ms); }); }

  function post(address, form, seconds) {
    var given = new AbortController(), timer = setTimeout(function () { given.abort(); }, seconds * 1000);
    form.append("csrfmiddlewaretoken", csrf);
    form.append("purpose", data.purpose);
    form.append("next", data.next);
    return fetch(address, { method: "POST", body: form, credentials: "same-origin", signal: given.signal })
      .then(function (answer) {
        clearTimeout(timer);
        if (!answer.ok || answer.redirected) { throw new Error("answer"); }
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

  async function step(number, text, ms, start) {
    say(text);
    box.dataset.step = String(number % 2);
    bar.classList.remove("is-running");
    void bar.offsetWidth;
    bar.style.setProperty("animation-duration", ms + "ms");
    bar.classList.add("is-running");
    var until = performance.now() + ms;
    while (!ended && performance.now() < until) {
      var next = performance.now() + FRAME_MS;
      await frame(number, start);
      await wait(Math.max(0, Math.min(next, until) - performance.now()));
    }
  }

  async function play() {
    var start = performance.now(), over = setTimeout(function () { fail("timeout"); }, challenge.seconds * 1000);
    await step(0, data.facing, FACING_MS, start);
    for (var i = 0; i < challenge.actions.length && !ended; i += 1) {
      if (i > 0) { await step(2 * i, data.facing, BETWEEN_MS, start); }
      await step(2 * i + 1, (i + 1) + "/" + challenge.actions.length + " " + words[challenge.actions[i]], challenge.step_ms, start);
    }
    clearTimeout(over);
    if (ended) { return; }
    say(data.sending);
    box.classList.add("is-sending");
    stream.getTracks().forEach(function (track) { track.onended = null; track.stop(); });
    var form = new FormData();
    form.append("marks", JSON.stringify(taken.map(function (one) { return one[0].concat(one[1].size); })));
    form.append("frames", new Blob(taken.map(function (one) { return one[1]; })), "frames.bin");
    post(challenge.frames_url, form, 60).then(function (answer) { challenge = null; leave(answer.next); },
      function () { challenge = null; fail("network"); });
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
        return play();
      }, function () { fail("network"); });
    });
  }

  button.addEventListener("click", function () {
    if (!window.isSecureContext) { fail("insecure"); return; }
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia || !canvas.toBlob) { fail("unsupported"); return; }
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
  document.addEventListener("visibilitychange", function () { if (document.hidden && stream) { fail("camera_lost"); } });
})();
