// The page of one picture's mask and landmarks. Clicks go to the server at once: a worker follows
// them, and the new mask and landmarks replace what the editor shows. Dragged landmarks stay here
// until the next click or until the form is sent.
const POLL_MS = 350;
const SLOW_POLL_MS = 1200;

const page = document.querySelector("[data-garment]");
const root = document.querySelector("[data-points]");
const form = page?.closest("form");
const said = page?.querySelector("[role=status]");
const field = (name) => document.getElementById(`id_${name}`);
const value = (name) => JSON.parse(field(name)?.value || "null");

let asked = 0; // the newest request; answers to older ones are dropped
let clicks = "";
let points = {};
const dragged = new Set();

function say(text, tone = "") {
  said.textContent = text;
  said.dataset.tone = tone;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function call(url, body) {
  const headers = { Accept: "application/json" };
  if (body) headers["X-CSRFToken"] = form.elements.csrfmiddlewaretoken.value;
  const answer = await fetch(url, {
    method: body ? "POST" : "GET",
    headers,
    body: body && JSON.stringify(body),
  });
  if (answer.status === 422) throw new Refused((await answer.json()).error);
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.json();
}

class Refused extends Error {}

function remember() {
  clicks = JSON.stringify(value("clicks") ?? []);
  points = value("landmarks") ?? {};
}

/** Ask until no worker is on it any more, unless a newer request has taken over. */
async function follow(mine, state) {
  while (state.waiting && mine === asked) {
    await pause(POLL_MS);
    state = await call(page.dataset.stateUrl);
  }
  return state;
}

async function send() {
  const mine = ++asked;
  const moved = Object.fromEntries([...dragged].map((name) => [name, points[name]]));
  const body = { picture: page.dataset.picture, clicks: JSON.parse(clicks), landmarks: moved };
  say(page.dataset.textReading);
  try {
    const state = await follow(mine, await call(page.dataset.clicksUrl, body));
    if (mine === asked) show(state, moved);
  } catch (error) {
    if (mine !== asked) return;
    say(error instanceof Refused ? error.message : page.dataset.textOffline, "bad");
  }
}

function show(state, sent) {
  // Another cut, or the first landmarks ever: the editor itself is another one.
  if (state.cut !== page.dataset.cut) {
    location.reload();
    return;
  }
  for (const name of Object.keys(sent)) {
    if (String(points[name]) === String(sent[name])) dragged.delete(name);
  }
  const kept = Object.fromEntries([...dragged].map((name) => [name, points[name]]));
  if (field("landmarks")) field("landmarks").value = JSON.stringify({ ...state.landmarks, ...kept });
  root.pointEditor.setOverlay(state.overlay);
  root.pointEditor.reload();
  remember();
  const badge = document.querySelector(".field-state .state");
  badge.textContent = state.label;
  badge.className = `state state--${state.tone}`;
  say(state.advice || state.label, state.tone);
  page.dataset.shown = state.overlay;
}

root?.addEventListener("points:change", () => {
  const before = points;
  const followed = clicks;
  remember();
  if (clicks !== followed) {
    // An undone click brings old landmarks along; only what was dragged is meant.
    for (const name of Object.keys(points)) {
      if (!dragged.has(name)) points[name] = before[name];
    }
    send();
    return;
  }
  for (const name of Object.keys(points)) {
    if (String(points[name]) !== String(before[name])) dragged.add(name);
  }
});

// --- what is still being made -----------------------------------------------------------------

function draw(previews) {
  page.querySelector("[data-previews]").replaceChildren(
    ...previews.map(({ name, said: text, url }) => {
      const figure = document.createElement("figure");
      if (url) {
        const image = document.createElement("img");
        image.className = "preview";
        image.src = url;
        image.alt = "";
        figure.append(image);
      }
      const caption = document.createElement("figcaption");
      caption.textContent = `${name}: ${text}`;
      figure.append(caption);
      return figure;
    }),
  );
}

async function watch() {
  const first = ++asked;
  const until = Date.now() + 120_000;
  while (first === asked && Date.now() < until) {
    await pause(SLOW_POLL_MS);
    let state;
    try {
      state = await call(page.dataset.stateUrl);
    } catch {
      continue; // the next round may have more luck
    }
    if ("waiting" in page.dataset && !state.waiting) location.reload();
    else draw(state.previews);
    if (!state.waiting && !state.previews.some((preview) => preview.active)) return;
  }
}

if (page) {
  remember();
  if ("waiting" in page.dataset || page.querySelector("[data-active='1']")) watch();
}
