const PAIRS = /../g;

/** A hash as colours, so that a change is easy to see. */
function Print({ hash }) {
  return (
    <span className="print" aria-hidden="true">
      {hash
        .match(PAIRS)
        .slice(0, 16)
        .map((byte, i) => (
          <i key={i} style={{ '--hue': (parseInt(byte, 16) * 360) / 256 }} />
        ))}
    </span>
  );
}

function Hash({ hash }) {
  if (!hash) return <span className="none">none yet</span>;
  return (
    <span key={hash} className="fresh">
      <Print hash={hash} />
      <code>{hash.slice(0, 12)}…</code>
    </span>
  );
}

const Never = () => <span className="none">not yet</span>;

const State = ({ record }) =>
  record.revokedFor ? <b className="status warn">ended: {record.revokedFor}</b> : <b className="status good">live</b>;

const ROWS = [
  [
    'generation',
    ({ generation }) => (
      <b key={generation} className="fresh">
        {generation}
      </b>
    ),
  ],
  ['hash of the token', ({ tokenHash }) => <Hash hash={tokenHash} />],
  ['hash of the token before', ({ previousHash }) => <Hash hash={previousHash} />],
  ['key of the last exchange', ({ hasKey }) => (hasKey ? 'its hash' : 'none')],
  [
    'retries',
    ({ retries }) => (
      <span key={retries} className="fresh">
        {retries}
      </span>
    ),
  ],
  ['rotated at', ({ generation, rotatedAt }) => (generation ? new Date(rotatedAt).toLocaleTimeString() : <Never />)],
  ['sessions of this user', ({ live }) => live],
  ['state', (record) => <State record={record} />],
];

/** The tokens of this session in order: only the last one is valid. */
function Chain({ records }) {
  return (
    <div className="chain">
      <h3>The chain so far</h3>
      <ol>
        {records.map(({ generation, tokenHash }) => (
          <li key={tokenHash} className="fresh">
            <b>{generation}</b>
            <Print hash={tokenHash} />
          </li>
        ))}
      </ol>
      <p className="hint">Only the last token is valid.</p>
    </div>
  );
}

export function StoreRecord({ records, about }) {
  const record = records.at(-1);
  return (
    <section className="card" aria-labelledby="record-title">
      <h2 id="record-title">What {about?.store ?? 'the store'} keeps</h2>
      <p className="hint">
        Read from the database by another connection: hashes and a generation, never a token. Whoever steals it can log
        in nowhere.
      </p>
      {record && (
        <>
          <dl className="record">
            {ROWS.map(([name, show]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{show(record)}</dd>
              </div>
            ))}
          </dl>
          <Chain records={records} />
        </>
      )}
      {!record && (
        <p className="none">
          {about?.store === 'memory' ? 'These sessions are in the server’s memory.' : 'Log in, and the record appears.'}
        </p>
      )}
    </section>
  );
}
