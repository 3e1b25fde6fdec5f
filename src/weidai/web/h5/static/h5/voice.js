// The spoken check: opens the microphone without the browser's processing, shows digits by the sound's own clock,
// makes WAV files and sends them. The server draws the digits and judges.
(function () {
  "use strict";
  var box = document.getElementById("voice");
  if (!box) { return; }
  var data = box.dataset, button = document.getElementById("voice-start"), prompt = document.getElementById("voice-prompt");
  var digitBox = document.getElementById("voice-digit"), partBox = document.getElementById("voice-part");
  var bar = box.querySelector(".vo-meter__bar"), dots = document.getElementById("voice-dots");
  var csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
  var parts = JSON.parse(document.getElementById("voice-digits").textContent);
  var DIGIT = Number(data.digitMs) / 1000, LEAD = 1.2, TAIL = 0.6, BETWEEN = 1.0, OPEN_MS = 30000, LEAST_PEAK = 0.02, RATE = 16000;
  var stream = null, context = null, ended = false, chunks = [], firstFrame = null, nextFrame = 0, isExact = true, heardPeak = 0, marks = [];

  function say(text) { if (prompt.textContent !== text) { prompt.textContent = text; } }
  function show(text) { if (digitBox.textContent !== text) { digitBox.textContent = text; } }
  function silence() {
    if (stream) { stream.getTracks().forEach(function (track) { track.onended = null; track.stop(); }); }
    if (context && context.state !== "closed") { context.close().catch(function () {}); }
  }
  function leave(address) { ended = true; silence(); window.location.replace(address); }
  function fail(kind) {
    if (ended) { return; }
    var form = new FormData();
    form.append("csrfmiddlewaretoken", csrf);
    form.append("kind", kind);
    navigator.sendBeacon(data.abandon, form);
    leave(data.problem + "&kind=" + encodeURIComponent(kind));
  }
  function wait(ms) { return new Promise(function (done) { setTimeout(done, ms); }); }

  function took(frame, samples) {
    if (ended) { return; }
    if (firstFrame === null) { firstFrame = nextFrame = frame; }
    if (frame > nextFrame && isExact) { chunks.push(new Float32Array(frame - nextFrame)); } // what the device left out was silence
    nextFrame = Math.max(frame, nextFrame) + samples.length;
    chunks.push(samples);
    var peak = 0;
    for (var i = 0; i < samples.length; i += 1) { peak = Math.max(peak, Math.abs(samples[i])); }
    heardPeak = Math.max(heardPeak * 0.985, peak);
    bar.style.setProperty("transform", "scaleX(" + Math.min(1, Math.sqrt(heardPeak) * 1.4).toFixed(3) + ")");
  }

  // Seconds since the first sample that was kept, by the clock of the sound.
  function heard() { return firstFrame === null ? -1 : context.currentTime - firstFrame / context.sampleRate; }

  async function listen() {
    var source = context.createMediaStreamSource(stream);
    if (context.audioWorklet && window.AudioWorkletNode) {
      await context.audioWorklet.addModule(data.worklet);
      var node = new AudioWorkletNode(context, "voice-recorder", { numberOfInputs: 1, numberOfOutputs: 1, channelCount: 1, channelCountMode: "explicit" });
      node.port.onmessage = function (event) { took(event.data.frame, event.data.samples); };
      source.connect(node);
      node.connect(context.destination); // it puts nothing out; without an end some browsers do not run it
      return;
    }
    isExact = false;
    var old = context.createScriptProcessor(4096, 1, 1);
    old.onaudioprocess = function (event) {
      took(Math.round(context.currentTime * context.sampleRate) - 4096, new Float32Array(event.inputBuffer.getChannelData(0)));
    };
    source.connect(old);
    old.connect(context.destination);
  }

  async function until(second) {
    while (!ended && heard() < second) {
      if (firstFrame === null && performance.now() - openedAt > OPEN_MS) { fail("mic_lost"); }
      await wait(12);
    }
  }
  var openedAt = 0;

  async function part(number, from) {
    var digits = parts[number], windows = [], peak = 0, begin = from - LEAD + 0.2;
    if (parts.length > 1) { partBox.textContent = (number + 1) + " / " + parts.length; }
    for (var i = 0; i < digits.length && !ended; i += 1) {
      await until(from + i * DIGIT);
      var at = heard();
      if (windows.length) { windows[i - 1][1] = at; }
      windows.push([at, at + DIGIT]);
      show(digits[i]);
      box.classList.add("is-reading");
      var quiet = i >= 3 && peak < LEAST_PEAK;
      box.classList.toggle("is-quiet", quiet);
      say(quiet ? data.quiet : data.read);
      await wait(DIGIT * 500);
      peak = Math.max(peak, heardPeak);
      var dot = dots.querySelector("span:not(.is-done):not(.is-gap)");
      if (dot) { dot.classList.add("is-done"); }
    }
    await until(from + digits.length * DIGIT);
    box.classList.remove("is-reading", "is-quiet");
    show("·");
    say(number + 1 < parts.length ? data.pause : data.sending);
    await until(from + digits.length * DIGIT + TAIL);
    marks.push([Math.max(0, begin), from + digits.length * DIGIT + TAIL, windows]);
    return from + digits.length * DIGIT + BETWEEN + LEAD;
  }

  function wave(samples, rate) {
    var view = new DataView(new ArrayBuffer(44 + samples.length * 2));
    function word(at, text) { for (var i = 0; i < text.length; i += 1) { view.setUint8(at + i, text.charCodeAt(i)); } }
    word(0, "RIFF"); view.setUint32(4, 36 + samples.length * 2, true); word(8, "WAVEfmt ");
    view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
    view.setUint32(24, rate, true); view.setUint32(28, rate * 2, true); view.setUint16(32, 2, true); view.setUint16(34, 16, true);
    word(36, "data"); view.setUint32(40, samples.length * 2, true);
    for (var i = 0; i < samples.length; i += 1) {
      var value = Math.max(-1, Math.min(1, samples[i]));
      view.setInt16(44 + i * 2, Math.round(value < 0 ? value * 32768 : value * 32767), true);
    }
    return new Blob([view], { type: "audio/wav" });
  }

  function send() {
    var rate = context.sampleRate, total = chunks.reduce(function (sum, one) { return sum + one.length; }, 0);
    var all = new Float32Array(total), at = 0;
    chunks.forEach(function (one) { all.set(one, at); at += one.length; });
    var sounds = [], told = [];
    marks.forEach(function (mark) {
      var begin = Math.round(mark[0] * rate), sound = wave(all.subarray(begin, Math.min(total, Math.round(mark[1] * rate))), rate);
      var start = begin / rate;
      sounds.push(sound);
      told.push([sound.size, mark[2].map(function (one) {
        return one.map(function (second) { return Math.max(0, Math.round((second - start) * 1000)); });
      })]);
    });
    silence();
    box.classList.add("is-sending");
    var form = new FormData(), given = new AbortController(), timer = setTimeout(function () { given.abort(); }, 75000);
    form.append("csrfmiddlewaretoken", csrf);
    form.append("next", data.next);
    form.append("marks", JSON.stringify(told));
    form.append("recordings", new Blob(sounds), "recordings.bin");
    fetch(data.recordings, { method: "POST", body: form, credentials: "same-origin", signal: given.signal }).then(function (answer) {
      clearTimeout(timer);
      if (answer.redirected) { ended = true; silence(); window.location.reload(); return new Promise(function () {}); } // signed out meanwhile
      if (!answer.ok) { throw new Error("answer"); }
      return answer.json();
    }).then(function (answer) { leave(answer.next); }).catch(function () { fail("network"); });
  }

  async function play() {
    openedAt = performance.now();
    parts.forEach(function (digits, number) {
      if (number) { dots.appendChild(document.createElement("span")).className = "is-gap"; }
      for (var i = 0; i < digits.length; i += 1) { dots.appendChild(document.createElement("span")); }
    });
    await listen();
    say(data.ready);
    show("·");
    var from = LEAD;
    for (var number = 0; number < parts.length && !ended; number += 1) { from = await part(number, from); }
    if (!ended) { send(); }
  }

  // Some browsers take only the device's own rate: then the server is sent what there is.
  function opened(given) {
    stream = given;
    stream.getAudioTracks()[0].onended = function () { fail("mic_lost"); };
    return play().catch(function (error) {
      if (firstFrame !== null || error.name !== "NotSupportedError") { throw error; }
      context.close().catch(function () {});
      context = new (window.AudioContext || window.webkitAudioContext)();
      dots.textContent = "";
      return play();
    });
  }

  button.addEventListener("click", function () {
    var Context = window.AudioContext || window.webkitAudioContext;
    if (!window.isSecureContext) { fail("insecure"); return; }
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia || !Context) { fail("unsupported"); return; }
    button.disabled = true;
    document.body.classList.add("vo-live");
    say(data.opening);
    try { context = new Context({ sampleRate: RATE }); } catch (error) { context = new Context(); }
    context.resume().catch(function () {});
    var slow = setTimeout(function () { fail("timeout"); }, OPEN_MS), over = setTimeout(function () { fail("timeout"); }, Number(data.seconds) * 1000);
    navigator.mediaDevices.getUserMedia({ video: false, audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 } })
      .then(function (given) { clearTimeout(slow); return opened(given); }, function (error) {
        clearTimeout(slow);
        fail(error.name === "NotAllowedError" || error.name === "SecurityError" ? "mic_refused" : "no_mic");
      }).then(function () { clearTimeout(over); }, function () { clearTimeout(over); fail("mic_lost"); });
  });
  document.addEventListener("visibilitychange", function () { if (document.hidden && stream) { fail("mic_lost"); } });
})();
