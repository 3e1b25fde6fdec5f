// Runs beside the page on the sound's own thread: hands the samples of the microphone over as they come, with their place.
class VoiceRecorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.size = 512;
    this.filled = 0;
  }

  process(inputs) {
    var channel = inputs[0] && inputs[0][0];
    if (channel && channel.length) {
      if (!this.filled) { this.frame = currentFrame; this.kept = new Float32Array(this.size); }
      this.kept.set(channel.subarray(0, this.size - this.filled), this.filled);
      this.filled += channel.length;
    }
    if (this.filled && (this.filled >= this.size || !channel || !channel.length)) {
      var samples = this.kept.slice(0, Math.min(this.filled, this.size));
      this.port.postMessage({ frame: this.frame, samples: samples }, [samples.buffer]);
      this.filled = 0;
    }
    return true;
  }
}
registerProcessor("voice-recorder", VoiceRecorder);
