import { useState } from 'react';
import { client } from '../session.js';
import { timeline } from '../timeline.js';

const SAYS = { ERR_CREDENTIALS: 'Username or password is incorrect.' };

function DemoUsers({ users, choose }) {
  return (
    <div className="demo-users">
      <p>There are two demo users. Choose one:</p>
      <ul>
        {users.map((user) => (
          <li key={user.id}>
            <button type="button" onClick={() => choose(user)}>
              <strong>{user.username}</strong>
              <span>{user.isAdmin ? 'admin: may change the list' : 'not an admin: may only read the list'}</span>
              <code>{user.password}</code>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Login({ about, notice }) {
  const [fields, setFields] = useState({ username: '', password: '' });
  const [error, setError] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const fill = (values) => {
    setFields({ ...fields, ...values });
    setError(null);
  };
  const change = ({ target }) => fill({ [target.name]: target.value });

  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await timeline.act(`Log in as ${fields.username}`, () => client.login(fields));
    } catch (err) {
      setError(SAYS[err.code] ?? `The server could not be reached (${err.code ?? err.message}). Try again.`);
      setBusy(false);
    }
  }

  return (
    <section className="card login" aria-labelledby="login-title">
      <h2 id="login-title">Log in</h2>
      <p className="hint">
        You get two tokens: an access token, valid for 30 seconds, in this page’s memory, and a refresh token, in a
        cookie that no script can read. Neither is in localStorage, which every script on the page can read.
      </p>
      {notice && (
        <p className="notice" role="alert">
          {notice}
        </p>
      )}
      <form onSubmit={submit}>
        <label>
          Username
          <input name="username" autoComplete="username" required value={fields.username} onChange={change} />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autoComplete="current-password"
            required
            value={fields.password}
            onChange={change}
          />
        </label>
        {error && (
          <p className="error" role="alert">
            {error}
          </p>
        )}
        <button className="main" type="submit" disabled={isBusy}>
          {isBusy ? 'Checking …' : 'Log in'}
        </button>
      </form>
      {about?.users.length > 0 && (
        <DemoUsers users={about.users} choose={({ username, password }) => fill({ username, password })} />
      )}
    </section>
  );
}
