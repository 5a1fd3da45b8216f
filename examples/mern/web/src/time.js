// Times as people say them.

import { useEffect, useState } from 'react';

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** "in 12 s", "3 min ago". @param {number} seconds from now; negative: past */
export function relative(seconds) {
  const size = Math.abs(Math.round(seconds));
  if (size === 0) return 'now';
  const [unit, name] = UNITS.find(([length]) => size >= length);
  const amount = `${Math.round(size / unit)} ${name}`;
  return seconds < 0 ? `${amount} ago` : `in ${amount}`;
}

/** The time in ms, again and again. */
export function useNow() {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return now;
}
