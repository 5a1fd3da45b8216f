import { useEffect, useState } from 'react';
import { encode, read, demo } from '../session.js';
import { relative, useNow } from '../time.js';

const MEANS = {
  sub: 'the user',
  sid: 'the session',
  jti: 'this token’s own id',
  iat: 'issued',
  exp: 'expires',
  nbf: 'not before',
  auth_time: 'logged in',
  iss: 'the issuer',
  aud: 'for whom',
};
const TIMES = new Set(['iat', 'exp', 'nbf', 'auth_time']);

/** What the server's code means. */
const REFUSALS = {
  ERR_TOKEN_INVALID:
    'This server did not sign it as it stands: one changed letter is enough, or another secret, or a refresh token ' +
    'instead of an access token.',
  ERR_TOKEN_EXPIRED: 'This server has signed it, but its time is over.',
  ERR_KEY_UNKNOWN: 'It names a secret that this server does not know.',
  ERR_TOKEN_MISSING: 'There is no token.',
};

function Claims({ payload }) {
  const now = useNow() / 1000;
  const shown = (name, value) =>
    TIMES.has(name) && Number.isFinite(value) ? relative(value - now) : JSON.stringify(value);
  return (
    <dl className="claims">
      {Object.entries(payload).map(([name, value]) => (
        <div key={name}>
          <dt>
            <code>{name}</code> <span>{name === 'exp' && value < now ? 'expired' : (MEANS[name] ?? 'the app’s')}</span>
          </dt>
          <dd>
            <code>{shown(name, value)}</code>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Verdict({ verdict }) {
  if (!verdict) return null;
  if (verdict.claims)
    return (
      <p>
        <b className="status good">accepted</b> This server has signed exactly this header and payload.
      </p>
    );
  return (
    <p>
      <b className="status warn">refused</b> <code>{verdict.code}</code> {REFUSALS[verdict.code] ?? verdict.message}
    </p>
  );
}

const PARTS = ['header', 'payload', 'signature'];

/** The three parts of the token in their colours, with their names. */
function Parts({ token }) {
  return (
    <ol className="parts">
      {token.split('.').map((part, i) => (
        <li key={i} className={PARTS[i] ?? 'more'}>
          <span>{PARTS[i] ?? 'too much'}</span> <code>{part}</code>
        </li>
      ))}
    </ol>
  );
}

/** Changes of the header or the payload make another token with the same signature. @param token the one to change */
function Editor({ token, change }) {
  const { header, payload } = read(token);
  const [texts, setTexts] = useState([header, payload].map((part) => JSON.stringify(part, null, 1)));
  const edit = (i, text) => {
    const next = texts.map((before, k) => (k === i ? text : before));
    setTexts(next);
    change(encode(next, token));
  };
  return (
    <div className="editor">
      {['Header', 'Payload'].map((name, i) => (
        <label key={name}>
          {name}
          <textarea
            rows={i === 0 ? 5 : 11}
            spellCheck="false"
            value={texts[i]}
            onChange={({ target }) => edit(i, target.value)}
          />
        </label>
      ))}
    </div>
  );
}

/** @param {{ own: string | null }} props own: this page's access token */
export function TokenBench({ own }) {
  const [pasted, setPasted] = useState(null); // null: the page's own
  const [edited, setEdited] = useState(null); // the token that the editor began with: it stays while its JSON is broken
  const [verdict, setVerdict] = useState(null);
  const [isCopied, setCopied] = useState(false);
  const token = pasted ?? own ?? '';
  const parts = read(token);
  const original = edited ?? (parts && token);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said was said of another token
  useEffect(() => {
    setVerdict(null);
    setCopied(false);
  }, [token]);

  const put = (text) => {
    setPasted(text);
    setEdited(null);
  };
  const change = (text) => {
    setPasted(text);
    setEdited(original);
  };
  const copy = () =>
    navigator.clipboard.writeText(token).then(
      () => setCopied(true),
      () => {},
    );
  const ask = () => demo('/inspect', { token }).then(setVerdict, (err) => setVerdict({ message: err.message }));

  return (
    <section className="card" aria-labelledby="token-title">
      <h2 id="token-title">The token bench</h2>
      <p className="hint">
        {pasted === null
          ? 'Your access token, in this page’s memory only. Anyone who has it can read it; nobody can change it.'
          : 'Not your page’s token any more: pasted, or changed.'}
      </p>
      <label>
        Token
        <textarea
          rows="4"
          spellCheck="false"
          placeholder="Log in, or paste a token"
          value={token}
          onChange={({ target }) => put(target.value.trim())}
        />
      </label>
      <div className="buttons">
        <button type="button" onClick={ask} disabled={!token}>
          Ask the server
        </button>
        <button className="quiet" type="button" onClick={copy} disabled={!token}>
          {isCopied ? 'Copied' : 'Copy'}
        </button>
        <button className="quiet" type="button" onClick={() => put(null)} disabled={pasted === null}>
          My own token
        </button>
      </div>
      <div className="verdict" role="status">
        <Verdict verdict={verdict} />
      </div>
      {token && <Parts token={token} />}
      {parts && <Claims payload={parts.payload} />}
      {token && !parts && (
        <p className="none">
          {edited
            ? 'The header or the payload is not JSON at the moment.'
            : 'This is not a token: a header and a payload in base64url cannot be read.'}
        </p>
      )}
      {original && (
        <details>
          <summary>Change it, under the same signature</summary>
          <Editor key={original} token={original} change={change} />
        </details>
      )}
    </section>
  );
}
