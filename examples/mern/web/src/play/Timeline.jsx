import { useState, useSyncExternalStore } from 'react';
import { fold, timeline } from '../timeline.js';
import { sayEvent, sayRequest } from '../words.js';

/** A refusal is no fault: it is what should happen. Only theft is red. */
const tone = ({ status, code }) => {
  if (status === null || code === 'ERR_TOKEN_MISSING') return 'waiting';
  if (code === 'ERR_REFRESH_REUSED') return 'bad';
  return status >= 200 && status < 300 ? 'good' : 'warn';
};

const shorten = (path) => path.replace(/([\w-]{16})[\w-]+/, '$1…');

function RequestEntry({ entry }) {
  return (
    <li className="request">
      <p className="line">
        <b className={`status ${tone(entry)}`}>{entry.status ?? '…'}</b>
        <code>
          {entry.method} {shorten(entry.path)}
        </code>
        {entry.times > 1 && <em className="times">× {entry.times}</em>}
        {entry.ms !== undefined && <small>{entry.ms} ms</small>}
      </p>
      {entry.code && (
        <p className="code">
          <code>{entry.code}</code>
        </p>
      )}
      <p className="says">{sayRequest(entry)}</p>
    </li>
  );
}

const isWarning = (type) => type === 'reuse' || type === 'rollback';

function EventEntry({ entry }) {
  return (
    <li className={isWarning(entry.type) ? 'event alarm' : 'event'}>
      <p className="line">
        <b className="status event">{entry.type}</b>
        <span>
          {entry.isOther && 'another session: '}
          {sayEvent(entry)}
        </span>
      </p>
      {entry.userAgentChanged && (
        <p className="says">
          From a different browser than before: an app can end the session at this point (onSuspect).
        </p>
      )}
    </li>
  );
}

function Entry({ entry }) {
  if (entry.kind === 'request') return <RequestEntry entry={entry} />;
  if (entry.kind === 'event') return <EventEntry entry={entry} />;
  return (
    <li className="note">
      <p className="says">{entry.text}</p>
    </li>
  );
}

function Group({ group }) {
  return (
    <li className="group">
      <h3>
        {group.title} <time dateTime={new Date(group.at).toISOString()}>{new Date(group.at).toLocaleTimeString()}</time>
      </h3>
      <ol>
        {fold(group.entries).map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ol>
    </li>
  );
}

/** The last action in a sentence, for screen readers. */
function summary(group) {
  if (!group) return '';
  const answers = fold(group.entries).filter(({ kind, status }) => kind === 'request' && status !== null);
  const say = ({ path, status, times }) => `${path} answered ${status}${times > 1 ? `, ${times} times` : ''}`;
  return `${group.title}: ${answers.map(say).join('; ')}`;
}

/** @param {{ isFolded: boolean }} props isFolded: on a small screen it starts as one line */
export function Timeline({ isFolded }) {
  const groups = useSyncExternalStore(timeline.subscribe, timeline.getGroups);
  const [isOpen, setOpen] = useState(!isFolded && !matchMedia('(max-width: 60rem)').matches);
  return (
    <aside className={isOpen ? 'timeline open' : 'timeline'} id="happened" aria-labelledby="happened-title">
      <div className="timeline-head">
        <h2 id="happened-title">What happened</h2>
        {groups.length > 0 && (
          <button className="quiet clear" type="button" onClick={timeline.clear}>
            Clear
          </button>
        )}
        <button
          className="fold"
          type="button"
          aria-expanded={isOpen}
          aria-controls="groups"
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Fold' : 'Unfold'}
        </button>
      </div>
      <p className="hidden" role="status">
        {summary(groups[0])}
      </p>
      {groups.length === 0 && <p className="none">Every request, and what the server did with it, appears here.</p>}
      <ol className="groups" id="groups" tabIndex="0" aria-label="Actions, the newest first">
        {groups.map((group) => (
          <Group key={group.id} group={group} />
        ))}
      </ol>
    </aside>
  );
}
