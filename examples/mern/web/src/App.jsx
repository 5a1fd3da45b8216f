import { useCallback, useEffect, useState } from 'react';
import { Devices } from './Devices.jsx';
import { onServerEvent } from './events.js';
import { Items } from './Items.jsx';
import { Lessons } from './lessons/Lessons.jsx';
import { Login } from './Login.jsx';
import { client, decode, demo } from './session.js';
import { Speed } from './Speed.jsx';
import { StoreRecord } from './StoreRecord.jsx';
import { Timeline } from './Timeline.jsx';
import { timeline } from './timeline.js';
import { Token } from './Token.jsx';
import { useSession } from './useSession.js';

const GENERATIONS = 5;

const NOTICES = {
  reuse: 'Your session was ended: its refresh token was used twice, so someone else has a copy. Log in again.',
  revoke: 'Your session was ended from another device.',
};

/** The current access token, for the panels that show it. Ordinary apps do not need it. */
function useAccessToken(state) {
  const [token, setToken] = useState(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: fetched again when it is renewed
  useEffect(() => {
    if (state.status !== 'in') return setToken(null);
    client.getToken().then(setToken, () => {});
  }, [state.status, state.expiresAt]);
  return token;
}

/** The store's records of this session and, if it ended, a notice that says why. */
function useServerEvents(sessionId) {
  const [records, setRecords] = useState([]);
  const [notice, setNotice] = useState(null);
  useEffect(
    () =>
      onServerEvent((event) => {
        if (sessionId && event.sessionId !== sessionId) return;
        if (event.record) setRecords((before) => withRecord(before, event.record));
        if (NOTICES[event.type]) setNotice(NOTICES[event.type]);
        else if (event.type === 'login') setNotice(null);
      }),
    [sessionId],
  );
  return { records, notice };
}

/** The records of one session, one per generation, the newest last. */
function withRecord(records, record) {
  const others = records.filter(({ id, generation }) => id === record.id && generation !== record.generation);
  return [...others, record].slice(-GENERATIONS);
}

function useAbout() {
  const [about, setAbout] = useState(null);
  const reload = useCallback(
    () => demo('/about').then(setAbout, () => setAbout({ users: [], hasOtherProcess: false, isProduction: true })),
    [],
  );
  useEffect(() => {
    reload();
  }, [reload]);
  return [about, reload];
}

function Header({ state, name }) {
  const leave = () => timeline.act('Log out', () => client.logout());
  return (
    <header className="top">
      <a className="brand" href="/" aria-label="Signet, home">
        <svg viewBox="0 0 40 40" aria-hidden="true">
          <circle cx="20" cy="20" r="19" />
          <path d="M26 13c-7-5-16 1-10 6s10 4 7 8-10 2-11 0" />
        </svg>
        <span>Signet</span>
      </a>
      <p className="tagline">The tutorial’s login, and everything that happens behind the scenes</p>
      {state.status === 'in' && (
        <div className="who">
          <span className="person">
            {name}
            {state.user.isAdmin && <em className="badge">admin</em>}
          </span>
          <button className="quiet" type="button" onClick={leave}>
            Log out
          </button>
        </div>
      )}
    </header>
  );
}

function Inside({ state, about, reloadAbout, token, records, name }) {
  const hasDemo = !about?.isProduction;
  return (
    <>
      <div className="pair">
        <Items isAdmin={state.user.isAdmin} />
        <Devices about={about} user={state.user} />
      </div>
      <div className="pair">
        {token && <Token token={token} expiresAt={state.expiresAt} user={state.user} />}
        {hasDemo && <StoreRecord records={records} about={about} />}
      </div>
      {hasDemo && <Lessons about={about} reloadAbout={reloadAbout} user={state.user} name={name} />}
    </>
  );
}

export function App() {
  const session = useSession();
  const token = useAccessToken(session);
  const [about, reloadAbout] = useAbout();
  const { records, notice } = useServerEvents(token && decode(token).payload.sid);
  const name = about?.users.find(({ id }) => id === session.user?.id)?.username ?? 'you';
  return (
    <>
      <a className="skip" href="#happened">
        Skip to what happened
      </a>
      <Header state={session} name={name} />
      <div className="columns">
        <main>
          {session.status === 'loading' && (
            <p className="card waiting" role="status">
              Looking for your session …
            </p>
          )}
          {session.status === 'out' && <Login about={about} notice={notice} />}
          {session.status === 'in' && (
            <Inside state={session} name={name} {...{ about, reloadAbout, token, records }} />
          )}
          <Speed />
        </main>
        <Timeline />
      </div>
    </>
  );
}
