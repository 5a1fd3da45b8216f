import { useEffect, useState } from 'react';
import { demo } from './session.js';

const number = new Intl.NumberFormat('en');

/** The measurement: Signet compared with jsonwebtoken, on this machine. */
export function Speed() {
  const [speed, setSpeed] = useState(null);
  useEffect(() => {
    demo('/speed').then(setSpeed, () => {});
  }, []);
  if (!speed) return null;
  const times = (what) => Math.round(speed.signet[what] / speed.jsonwebtoken[what]);
  return (
    <p className="speed">
      Measured on this server, HS256: <b>{number.format(speed.signet.verify)}</b> verifications per second, compared
      with <b>{number.format(speed.jsonwebtoken.verify)}</b> by jsonwebtoken: <b>{times('verify')} times</b> as many.
      For signing, the factor is <b>{times('sign')}</b>.
    </p>
  );
}
