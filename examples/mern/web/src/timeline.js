// The timeline: one group per user action, with the requests it sent and the events that the server sent.

const KEPT_GROUPS = 40;
/** Events do not arrive together with answers: those within this time after an action belong to it. */
const TRAIL_MS = 600;

let groups = [];
let nextId = 1;
let open = null;
const listeners = new Set();
const answerListeners = new Set();

function changed() {
  groups = groups.map((group) => ({ ...group, entries: [...group.entries] }));
  for (const listener of listeners) listener();
}

function startGroup(title) {
  const group = { id: nextId++, title, at: Date.now(), entries: [] };
  groups = [group, ...groups].slice(0, KEPT_GROUPS);
  return group.id;
}

function add(entry) {
  if (open === null) {
    open = startGroup('In the background');
    setTimeout(close, TRAIL_MS, open);
  }
  const group = groups.find(({ id }) => id === open) ?? groups[0];
  group.entries.push(entry);
  changed();
}

function close(id) {
  if (open === id) open = null;
}

function replace(id, change) {
  const changeIn = (entries) => entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
  groups = groups.map((group) => ({ ...group, entries: changeIn(group.entries) }));
  changed();
}

export const timeline = {
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  getGroups: () => groups,
  clear() {
    groups = [];
    changed();
  },

  /** Runs a user action and shows its requests under its title. */
  async act(title, run) {
    const id = startGroup(title);
    open = id;
    changed();
    try {
      return await run();
    } finally {
      setTimeout(close, TRAIL_MS, id);
    }
  },

  request(method, path) {
    const id = nextId++;
    const from = performance.now();
    add({ id, kind: 'request', method, path, status: null });
    return {
      done(result) {
        replace(id, { ...result, ms: Math.round(performance.now() - from) });
        for (const listener of answerListeners) listener({ method, path, ...result });
      },
    };
  },
  /** @returns a function that ends the subscription */
  onAnswer(listener) {
    answerListeners.add(listener);
    return () => answerListeners.delete(listener);
  },

  event: (event) => add({ id: nextId++, kind: 'event', ...event }),
  note: (text) => add({ id: nextId++, kind: 'note', text }),
};

const COMPARED = ['kind', 'method', 'path', 'status', 'code'];
const sameRequest = (a, b) => a?.kind === 'request' && COMPARED.every((name) => a[name] === b[name]);

/** Merges equal consecutive requests, with a count; events in between do not separate them. */
export function fold(entries) {
  return entries.reduce((folded, entry) => {
    const last = folded.findLast(({ kind }) => kind === 'request');
    if (sameRequest(last, entry)) last.times += 1;
    else folded.push({ ...entry, times: 1, follows: last && last.path === entry.path ? last.status : null });
    return folded;
  }, []);
}
