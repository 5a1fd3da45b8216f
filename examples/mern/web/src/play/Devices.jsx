import { useCallback, useEffect, useState } from 'react';
import { onServerEvent } from '../events.js';
import { endingIsOwn } from '../notice.js';
import { client, watchedFetch } from '../session.js';
import { timeline } from '../timeline.js';
import { nameDevice } from '../words.js';

const CHANGES = new Set(['login', 'logout', 'revoke', 'reuse']);
const OWN_PAGE = { 'X-Signet': '1' };

const since = (date) => new Date(date).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

function useDevices() {
  const [devices, setDevices] = useState([]);
  const reload = useCallback(async () => {
    try {
      const response = await client.fetch('/auth/sessions');
      if (response.ok) setDevices(await response.json());
    } catch {} // the list stays as it was
  }, []);
  useEffect(() => {
    reload();
  }, [reload]);
  useEffect(
    () => onServerEvent(({ type }) => CHANGES.has(type) && client.getState().status === 'in' && reload()),
    [reload],
  );
  return { devices, reload };
}

function Device({ device, signOut }) {
  const name = nameDevice(device.userAgent);
  const session = `session ${device.id.slice(0, 6)}`;
  return (
    <li>
      <span>
        <strong>{name}</strong>
        {device.current && <em className="badge">this one</em>}
        <small>
          since {since(device.createdAt)} · {session}
        </small>
      </span>
      {!device.current && (
        <button className="quiet" type="button" aria-label={`Sign out ${name}, ${session}`} onClick={signOut}>
          Sign out
        </button>
      )}
    </li>
  );
}

export function Devices({ about, user }) {
  const { devices, reload } = useDevices();
  const demoUser = about?.users.find(({ id }) => id === user.id);

  const signOut = (device) =>
    timeline.act('Sign out a device', async () => {
      await client.fetch(`/auth/sessions/${device.id}`, { method: 'DELETE', headers: OWN_PAGE });
      await reload();
    });
  const signOutAll = () =>
    timeline.act('Sign out everywhere', async () => {
      endingIsOwn('You signed out all your devices, this one too.');
      const response = await client.fetch('/auth/logout-all', { method: 'POST', headers: OWN_PAGE });
      if (response.ok) await client.logout();
    });
  const logInElsewhere = () =>
    timeline.act('Log in on a second device', () =>
      watchedFetch('/api/login', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        credentials: 'omit',
        body: JSON.stringify({ username: demoUser.username, password: demoUser.password }),
      }),
    );

  return (
    <section className="card" aria-labelledby="devices-title">
      <h2 id="devices-title">Your devices</h2>
      <p className="hint">Each login is a session of its own, with its own chain of refresh tokens.</p>
      <ul className="rows">
        {devices.map((device) => (
          <Device key={device.id} device={device} signOut={() => signOut(device)} />
        ))}
      </ul>
      <div className="buttons">
        {demoUser && (
          <button type="button" onClick={logInElsewhere}>
            Log in on a second device
          </button>
        )}
        <button className="quiet" type="button" onClick={signOutAll}>
          Sign out everywhere
        </button>
      </div>
    </section>
  );
}
