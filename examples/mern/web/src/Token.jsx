import { useEffect, useState } from 'react';
import { decode, forge, watchedFetch } from './session.js';
import { timeline } from './timeline.js';

const LIFE_S = 30;
const SHOWN = 60;
const RADIUS = 42;
const ROUND = 2 * Math.PI * RADIUS;

const secondsUntil = (time) => Math.max(0, (time - Date.now()) / 1000);

function useSecondsLeft(expiresAt) {
  const [seconds, setSeconds] = useState(() => secondsUntil(expiresAt));
  useEffect(() => {
    setSeconds(secondsUntil(expiresAt));
    const timer = setInterval(() => setSeconds(secondsUntil(expiresAt)), 250);
    return () => clearInterval(timer);
  }, [expiresAt]);
  return seconds;
}

function Ring({ expiresAt }) {
  const seconds = useSecondsLeft(expiresAt);
  const share = Math.min(1, seconds / LIFE_S);
  const tens = Math.ceil(seconds / 10) * 10;
  const words =
    seconds > 0 ? `The access token is valid for about ${tens} more seconds` : 'The access token has expired';
  return (
    <div className={seconds > 5 ? 'ring' : 'ring ending'} role="img" aria-label={words}>
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle cx="50" cy="50" r={RADIUS} />
        <circle
          className="left"
          cx="50"
          cy="50"
          r={RADIUS}
          strokeDasharray={ROUND}
          strokeDashoffset={ROUND * (1 - share)}
        />
      </svg>
      <span aria-hidden="true">
        {Math.ceil(seconds)}
        <small>s</small>
      </span>
    </div>
  );
}

const MEANS = {
  sub: 'user',
  sid: 'session',
  jti: 'this token',
  id: 'the app’s',
  isAdmin: 'the app’s',
  iat: 'issued',
  exp: 'expires',
};

function Claims({ payload }) {
  const shown = (name, value) =>
    name === 'iat' || name === 'exp' ? new Date(value * 1000).toLocaleTimeString() : JSON.stringify(value);
  return (
    <dl className="claims">
      {Object.entries(payload).map(([name, value]) => (
        <div key={name}>
          <dt>
            <code>{name}</code> <span>{MEANS[name]}</span>
          </dt>
          <dd>
            <code>{shown(name, value)}</code>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Sends the token with another payload and the old signature to the tutorial's route. */
function Forger({ token, user }) {
  const { payload } = decode(token);
  const promoted = JSON.stringify({ ...payload, ...(user.isAdmin ? { id: '2' } : { isAdmin: true }) }, null, 1);
  const [text, setText] = useState(null);
  const [answer, setAnswer] = useState(null);

  const send = () =>
    timeline.act('Send a forged payload', async () => {
      const response = await watchedFetch('/api/me', {
        headers: { Authorization: `Bearer ${forge(token, text ?? promoted)}` },
      });
      setAnswer({ status: response.status, body: JSON.stringify(await response.json()) });
    });

  return (
    <details className="forger">
      <summary>Change its payload</summary>
      <label htmlFor="payload">{user.isAdmin ? 'Someone else’s id' : 'isAdmin: true'}, under the old signature:</label>
      <textarea
        id="payload"
        rows="10"
        spellCheck="false"
        value={text ?? promoted}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="button" onClick={send}>
        Send it
      </button>
      <p className="answer" role="status">
        {answer && (
          <>
            <b className="status bad">{answer.status}</b> <code>{answer.body}</code>
          </>
        )}
      </p>
    </details>
  );
}

export function Token({ token, expiresAt, user }) {
  return (
    <section className="card" aria-labelledby="token-title">
      <div className="token-head">
        <div>
          <h2 id="token-title">Your access token</h2>
          <p className="hint">
            In this page’s memory only, valid for 30 s. Anyone who has it can read it; nobody can change it.
          </p>
        </div>
        <Ring expiresAt={expiresAt} />
      </div>
      <p className="raw" aria-hidden="true">
        {token.split('.').map((part, i) => (
          <span key={i} className={`part${i}`}>
            {part.length > SHOWN ? `${part.slice(0, SHOWN)}…` : part}
          </span>
        ))}
      </p>
      <Claims payload={decode(token).payload} />
      <Forger token={token} user={user} />
    </section>
  );
}
