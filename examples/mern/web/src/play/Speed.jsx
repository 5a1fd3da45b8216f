import { useEffect, useState } from 'react';
import { demo } from '../session.js';

const number = new Intl.NumberFormat('en');
const whenIdle = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 1000));

/** The measurement: Signet compared with jsonwebtoken, on this machine, once the server had nothing to do. */
export function Speed() {
  const [speed, setSpeed] = useState(null);
  useEffect(() => {
    whenIdle(() => demo('/speed').then(setSpeed, () => {}));
  }, []);
  if (!speed) return <p className="speed">Signet is measured against jsonwebtoken as soon as this server is idle.</p>;
  const times = (what) => Math.round(speed.signet[what] / speed.jsonwebtoken[what]);
  return (
    <p className="speed">
      Measured on this server ({speed.machine}, {speed.cores} cores, Node {speed.node.slice(1)}), HS256 with a string
      secret: <b>{number.format(speed.signet.verify)}</b> verifications per second, compared with{' '}
      <b>{number.format(speed.jsonwebtoken.verify)}</b> by jsonwebtoken: <b>{times('verify')} times</b> as many. For
      signing, the factor is <b>{times('sign')}</b>.
    </p>
  );
}
