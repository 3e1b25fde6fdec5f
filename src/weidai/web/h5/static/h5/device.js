// The device's key: made once, kept by the browser where no script can read it, used to sign what is asked for (R6.2, R8.4).
// Without it every page still works: the server says what to do instead.
(function () {
  "use strict";
  var can = !!(window.indexedDB && window.crypto && window.crypto.subtle && window.TextEncoder);

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
  function hex(buffer) {
    return Array.prototype.map.call(new Uint8Array(buffer), function (one) { return ("0" + one.toString(16)).slice(-2); }).join("");
  }
  function kept() {
    return can ? store(function (keys) { return keys.get("device"); }) : Promise.reject(new Error("no WebCrypto"));
  }
  function pair() {
    return kept().then(function (key) {
      if (key) return key;
      return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]).then(function (made) {
        return store(function (keys) { return keys.put(made, "device"); }).then(function () { return made; });
      });
    });
  }
  function spki(key) { return crypto.subtle.exportKey("spki", key.publicKey); }
  function fingerprint(key) {
    return spki(key).then(function (bytes) { return crypto.subtle.digest("SHA-256", bytes); }).then(hex);
  }
  function signed(key, words) {
    return crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key.privateKey, new TextEncoder().encode(words)).then(text);
  }

  // Which of the panels is true of this browser: bound, unbound (could be), none (cannot keep a key).
  var panels = document.querySelectorAll("[data-device-state]");
  if (panels.length) {
    var known = (document.querySelector("[data-known-keys]") || { dataset: {} }).dataset.knownKeys || "";
    kept().then(function (key) { return key ? fingerprint(key) : ""; }).then(function (name) {
      return name && known.split(" ").indexOf(name) >= 0 ? "bound" : "unbound";
    }, function () { return "none"; }).then(function (state) {
      panels.forEach(function (panel) { panel.hidden = panel.dataset.deviceState.split(" ").indexOf(state) < 0; });
      document.documentElement.dataset.device = state;
    });
  }

  // A form with data-sign is signed with the key there is; one with data-bind offers the key, made now if there is none.
  document.querySelectorAll("form[data-sign], form[data-bind]").forEach(function (form) {
    var words = form.dataset.sign || form.dataset.bind, binds = !form.dataset.sign;
    form.addEventListener("submit", function (event) {
      if (event.submitter && event.submitter.hasAttribute("formaction")) return;
      event.preventDefault();
      if (form.dataset.signing || !words) { if (!words) { send(); } return; }
      form.dataset.signing = "1";
      (binds ? pair() : kept()).then(function (key) {
        if (!key) return null;
        return Promise.all([binds ? spki(key).then(text) : fingerprint(key), signed(key, words)]);
      }).then(function (proof) {
        if (!proof) return;
        form.elements[binds ? "device_public_key" : "device_key"].value = proof[0];
        form.elements.device_signature.value = proof[1];
      }).catch(function () { }).then(send);
    });
    function send() { HTMLFormElement.prototype.submit.call(form); }
    window.addEventListener("pageshow", function () { delete form.dataset.signing; });
  });
})();
