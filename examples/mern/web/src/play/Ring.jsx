import { useNow } from '../time.js';

const LIFE_S = 30;
const RADIUS = 42;
const ROUND = 2 * Math.PI * RADIUS;

/** How long the access token is still good. An idle page renews nothing: the next call does. */
export function Ring({ expiresAt }) {
  const seconds = Math.max(0, (expiresAt - useNow()) / 1000);
  const tens = Math.ceil(seconds / 10) * 10;
  const words = seconds > 0 ? `valid for about ${tens} more seconds` : 'expired: the next call renews it';
  return (
    <div className="ring-line">
      <div className={seconds > 5 ? 'ring' : 'ring ending'} role="img" aria-label={`Access token ${words}`}>
        <svg viewBox="0 0 100 100" aria-hidden="true">
          <circle cx="50" cy="50" r={RADIUS} />
          <circle
            className="left"
            cx="50"
            cy="50"
            r={RADIUS}
            strokeDasharray={ROUND}
            strokeDashoffset={ROUND * (1 - Math.min(1, seconds / LIFE_S))}
          />
        </svg>
        <span aria-hidden="true">{Math.ceil(seconds)} s</span>
      </div>
      <p className="hint">
        {seconds > 0
          ? 'until your access token expires.'
          : 'It has expired. An idle page renews nothing: the next call does.'}
      </p>
    </div>
  );
}
