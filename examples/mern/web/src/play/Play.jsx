import { useEffect, useRef, useState } from 'react';
import { isOwnSession, onServerEvent } from '../events.js';
import { beginAnew, noticeOf } from '../notice.js';
import { useRunning } from '../run.js';
import { client, demo, payloadOf } from '../session.js';
import { timeline } from '../timeline.js';
import { Devices } from './Devices.jsx';
import { Items } from './Items.jsx';
import { Lessons } from './Lessons.jsx';
import { Login } from './Login.jsx';
import { Ring } from './Ring.jsx';
import { Speed } from './Speed.jsx';
import { StoreRecord } from './StoreRecord.jsx';
import { TokenBench } from './TokenBench.jsx';

const GENERATIONS = 5;

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

/** The records of one session, one per generation, the newest last. */
function withRecord(records, record) {
  const others = records.filter(({ id, generation }) => id === record.id && generation !== record.generation);
  return [...others, record].sort((a, b) => a.generation - b.generation).slice(-GENERATIONS);
}

/** The store's records of this session and, if it ended, a notice that says why. */
function useServerEvents(sessionId) {
  const [records, setRecords] = useState([]);
  const [notice, setNotice] = useState(null);
  useEffect(() => {
    isOwnSession(sessionId || null);
    const add = (record) => record && setRecords((before) => withRecord(before, record));
    const look = ({ type } = {}) => type !== 'rotate' && demo(`/record/${sessionId}`).then(add, () => {});
    if (sessionId) look(); // and again if another session began or ended: it is counted
    return onServerEvent((event) => {
      if (sessionId && event.sessionId !== sessionId && event.reason !== 'revoke-all') return look(event);
      if (event.sessionId === sessionId) add(event.record);
      const said = noticeOf(event);
      if (said) setNotice(said);
      if (event.type !== 'login') return;
      beginAnew();
      setNotice(null);
    });
  }, [sessionId]);
  return { records, notice };
}

function Session({ session, about, name, notice }) {
  const title = useRef(null);
  const isLesson = useRunning() !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as the page changes
  useEffect(() => {
    if (isLesson && session.status === 'out') return; // the lesson has ended it, and says so where one looks
    title.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, []);
  return (
    <>
      <h1 id="play-title" tabIndex="-1" ref={title}>
        {session.status === 'in' ? `Free play, as ${name}` : 'Free play'}
      </h1>
      <p className="says">
        Now as an app should do it: the refresh token is in a cookie that no script can read, and{' '}
        <code>signet-jwt/client</code> refreshes by itself.
      </p>
      {session.status === 'loading' && (
        <p className="card waiting" role="status">
          Looking for your session …
        </p>
      )}
      {session.status === 'out' && <Login about={about} notice={notice} />}
      {session.status === 'in' && (
        <div className="pair">
          <Items isAdmin={session.user.isAdmin} ring={<Ring expiresAt={session.expiresAt} />} />
          <Devices about={about} user={session.user} />
        </div>
      )}
    </>
  );
}

export function Play({ session, about, name }) {
  const token = useAccessToken(session);
  const sessionId = token && payloadOf(token).sid;
  const { records, notice } = useServerEvents(sessionId);
  const hasDemo = about && !about.isProduction;
  const demoUser = useLast(about?.users.find(({ id }) => id === session.user?.id));
  const [isReset, setReset] = useState(false);
  const reset = () =>
    timeline.act('Put everything back', async () => {
      await demo('/reset', {});
      setReset(true);
    });
  return (
    <>
      <Session key={session.status} {...{ session, about, name, notice }} />
      {hasDemo && (
        <div className="pair">
          <TokenBench own={token} />
          <StoreRecord records={session.status === 'in' ? records : []} about={about} />
        </div>
      )}
      {hasDemo && <Lessons {...{ about, demoUser, name }} user={session.status === 'in' ? session.user : null} />}
      {hasDemo && (
        <div className="foot">
          <Speed />
          <button type="button" onClick={reset}>
            Put everything back
          </button>
          <p className="hint" role="status">
            {isReset && 'The list, the roles, the server’s clock and the store are as they were at the start.'}
          </p>
        </div>
      )}
    </>
  );
}

/** The last value that there was. */
function useLast(value) {
  const last = useRef(value);
  if (value) last.current = value;
  return last.current;
}
