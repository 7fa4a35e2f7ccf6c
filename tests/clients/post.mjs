// The client of the blog post that wirebeat began with, as it was published, mistakes included: a browser's WebSocket,
// here in Node. Mistakes can be mended one at a time, to see the others: node post.mjs URL open,lock,answer,timer,json
//
//   open    the handler of opening is called `onpen`: nothing is subscribed, no heartbeat is started
//   lock    the lock against double reconnects is released where a link opens, and nowhere else
//   answer  a heartbeat is sent, and nobody looks whether it was answered
//   timer   the timer of the old socket lives on and beats into the new one
//   json    every message is parsed, whatever it is
//
// Node 22 has WebSocket; Node 20 has it with --experimental-websocket.
const [url, list = ""] = process.argv.slice(2);
const mended = new Set(list.split(","));
const after = Number(process.env.AFTER ?? 30_000);
const timeout = Number(process.env.TIMEOUT ?? 10_000);
const wait = Number(process.env.WAIT ?? 4_000);
const services = (process.env.SERVICES ?? "业务1,业务2").split(",");

let ws;
let lockReconnect = false;

const heartCheck = {
  timer: null,
  answer: null,
  start() {
    if (mended.has("timer")) this.stop();
    this.timer = setTimeout(() => {
      ws.send(JSON.stringify({ type: "HEART_BEAT", service: "业务" }));
      if (mended.has("answer")) {
        this.answer = setTimeout(() => {
          const dead = ws;
          dead.onclose = dead.onerror = dead.onmessage = null;
          dead.close();
          this.stop();
          reconnect();
        }, timeout);
      } else {
        this.start();
      }
    }, after);
  },
  reset() {
    clearTimeout(this.timer);
    clearTimeout(this.answer);
    this.start();
  },
  stop() {
    clearTimeout(this.timer);
    clearTimeout(this.answer);
  },
};

function createWebSocket() {
  try {
    ws = new WebSocket(url);
    initEventHandle();
  } catch (error) {
    console.log("cannot connect", error.message);
  }
}

function initEventHandle() {
  ws[mended.has("open") ? "onopen" : "onpen"] = () => {
    lockReconnect = false;
    for (const service of services) ws.send(JSON.stringify({ type: "sub", service }));
    heartCheck.start();
  };
  ws.onclose = () => {
    if (mended.has("timer")) heartCheck.stop();
    reconnect();
  };
  ws.onerror = () => reconnect();
  ws.onmessage = (event) => {
    heartCheck.reset();
    if (mended.has("json")) {
      try {
        show(JSON.parse(event.data));
      } catch {
        // It is shown as it came.
      }
    } else {
      show(JSON.parse(event.data));
    }
  };
}

function show(data) {
  return data.service;
}

function reconnect() {
  if (lockReconnect) return;
  lockReconnect = true;
  setTimeout(() => {
    if (mended.has("lock")) lockReconnect = false;
    createWebSocket();
  }, wait);
}

createWebSocket();
