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

function Hash({ name, hash }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {hash && (
          <span key={hash} className="fresh">
            <Print hash={hash} />
            <code>{hash.slice(0, 16)}…</code>
          </span>
        )}
        {!hash && <span className="none">none yet</span>}
      </dd>
    </div>
  );
}

const clockTime = (ms) => new Date(ms).toLocaleTimeString();

function Rows({ record }) {
  return (
    <dl className="record">
      <div>
        <dt>generation</dt>
        <dd>
          <b key={record.generation} className="fresh number">
            {record.generation}
          </b>
        </dd>
      </div>
      <Hash name="token hash" hash={record.token_hash} />
      <Hash name="previous hash" hash={record.previous_hash} />
      <div>
        <dt>retries</dt>
        <dd>
          <span key={record.retries_total} className="fresh">
            {record.retries} now, {record.retries_total} in all
          </span>
        </dd>
      </div>
      <div>
        <dt>rotated at</dt>
        <dd>{clockTime(record.rotated_at)}</dd>
      </div>
      <div>
        <dt>state</dt>
        <dd>
          {record.revoked_at ? (
            <b className="status bad">ended: {record.revoked_for}</b>
          ) : (
            <b className="status good">live</b>
          )}
        </dd>
      </div>
    </dl>
  );
}

/** The tokens of this session in order: only the last one is valid. */
function Chain({ records }) {
  return (
    <div className="chain">
      <h3>The chain so far</h3>
      <ol>
        {records.map(({ generation, token_hash: hash }) => (
          <li key={hash} className="fresh">
            <b>{generation}</b>
            <Print hash={hash} />
          </li>
        ))}
      </ol>
      <p className="hint">The store only has the hash of each token. Only the last token is valid.</p>
    </div>
  );
}

function absence(about) {
  if (about && !about.hasOtherProcess)
    return `Sessions are in ${about.store ?? 'another store'}; this view can only read the embedded store.`;
  return 'The record appears at the next rotation: call the server once the access token has expired.';
}

export function StoreRecord({ records, about }) {
  const record = records.at(-1);
  return (
    <section className="card" aria-labelledby="record-title">
      <h2 id="record-title">What the store keeps</h2>
      <p className="hint">
        Read live from the database: hashes and a generation, never a token. Stealing it gains nothing.
      </p>
      {record ? (
        <>
          <Rows record={record} />
          <Chain records={records} />
        </>
      ) : (
        <p className="none">{absence(about)}</p>
      )}
    </section>
  );
}
