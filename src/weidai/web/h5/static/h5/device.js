// The device's key: made once, kept by the browser where no script can read it, used to sign what the server hands out (R8.4).
(function () {
  "use strict";
  var form = document.getElementById("wd-device");
  if (!form || !window.indexedDB || !window.crypto || !window.crypto.subtle) return;

  function store(work) {
    return new Promise(function (resolve, reject) {
      var opening = indexedDB.open("weidai", 1);
      opening.onupgradeneeded = function () { opening.result.createObjectStore("keys"); };
      opening.onerror = function () { reject(opening.error); };
      opening.onsuccess = function () {
        var asked = work(opening.result.transaction("keys", "readwrite").objectStore("keys"));
        asked.onsuccess = function () { opening.result.close(); resolve(asked.result); };
        asked.onerror = function () { opening.result.close(); reject(asked.error); };
      };
    });
  }
  function text(buffer) { return btoa(String.fromCharCode.apply(null, new Uint8Array(buffer))); }
  function pair() {
    return store(function (keys) { return keys.get("device"); }).then(function (kept) {
      if (kept) return kept;
      return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]).then(function (made) {
        return store(function (keys) { return keys.put(made, "device"); }).then(function () { return made; });
      });
    });
  }
  pair().then(function (key) {
    var challenge = new TextEncoder().encode(form.elements.challenge.value);
    return Promise.all([
      crypto.subtle.exportKey("spki", key.publicKey),
      crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key.privateKey, challenge)
    ]);
  }).then(function (proof) {
    form.elements.public_key.value = text(proof[0]);
    form.elements.signature.value = text(proof[1]);
    return fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" });
  }).then(function (answer) { form.dataset.state = answer.ok ? "proved" : "refused"; }, function () { form.dataset.state = "none"; });
})();
