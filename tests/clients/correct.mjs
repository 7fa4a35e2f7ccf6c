// A client of the same protocol that does it right: one link at a time, each with its own timers; a missing answer ends it,
// and whatever ends it leads to one new dial and the same subscriptions.
//
//   node correct.mjs URL      (Node 20: --experimental-websocket)
const url = process.argv[2];
const after = Number(process.env.AFTER ?? 30_000);
const timeout = Number(process.env.TIMEOUT ?? 10_000);
const wait = Number(process.env.WAIT ?? 4_000);
const services = (process.env.SERVICES ?? "业务1,业务2").split(",");

class Link {
  constructor(ended) {
    this.ended = ended;
    this.over = false;
    this.ws = new WebSocket(url);
    this.dial = setTimeout(() => this.end(), 10_000);
    this.ws.onopen = () => {
      clearTimeout(this.dial);
      for (const service of services) this.ws.send(JSON.stringify({ type: "sub", service }));
      this.alive();
    };
    this.ws.onmessage = (event) => {
      this.alive();
      try {
        JSON.parse(event.data);
      } catch {
        // Shown as it came; it is a sign of life all the same.
      }
    };
    this.ws.onclose = this.ws.onerror = () => this.end();
  }

  // Every message restarts the countdown to the next heartbeat.
  alive() {
    if (this.over) return;
    clearTimeout(this.beat);
    clearTimeout(this.answer);
    this.beat = setTimeout(() => {
      this.ws.send(JSON.stringify({ type: "HEART_BEAT", service: "业务" }));
      this.answer = setTimeout(() => this.end(), timeout);
    }, after);
  }

  end() {
    if (this.over) return;
    this.over = true;
    for (const timer of [this.dial, this.beat, this.answer]) clearTimeout(timer);
    this.ws.onopen = this.ws.onmessage = this.ws.onclose = this.ws.onerror = null;
    this.ws.close();
    this.ended();
  }
}

function connect() {
  new Link(() => setTimeout(connect, wait));
}

connect();
