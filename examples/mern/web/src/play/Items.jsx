import { useCallback, useEffect, useState } from 'react';
import { client } from '../session.js';
import { timeline } from '../timeline.js';

const JSON_HEADERS = { 'Content-Type': 'application/json' };

/** @returns the list, what went wrong, and a function that sends a change and takes the new list from its answer */
function useItems() {
  const [items, setItems] = useState(null);
  const [error, setError] = useState(null);
  const send = useCallback(async (path, init) => {
    try {
      const response = await client.fetch(`/api/items${path}`, init);
      const body = await response.json();
      if (response.ok) setItems(body);
      setError(response.ok ? null : body.message);
      return response.ok;
    } catch (err) {
      if (err.name !== 'AbortError') setError('The server could not be reached.');
      return false;
    }
  }, []);
  return { items, error, send };
}

/** @param {{ isAdmin: boolean, ring: React.ReactNode }} props ring: how long the token is good that each call shows */
export function Items({ isAdmin, ring }) {
  const { items, error, send } = useItems();
  const [text, setText] = useState('');
  useEffect(() => {
    timeline.act('Show the list', () => send(''));
  }, [send]);

  async function add(event) {
    event.preventDefault();
    const body = JSON.stringify({ text });
    const isAdded = await timeline.act('Add to the list', () =>
      send('', { method: 'POST', headers: JSON_HEADERS, body }),
    );
    if (isAdded) setText('');
  }
  const remove = (item) => timeline.act(`Remove “${item.text}”`, () => send(`/${item.id}`, { method: 'DELETE' }));

  return (
    <section className="card" aria-labelledby="items-title">
      <h2 id="items-title">The list</h2>
      <p className="hint">
        {isAdmin ? 'You are an admin: you may change it.' : 'Only an admin may change it. Try, and see the 403.'}
      </p>
      {ring}
      <ul className="rows" aria-busy={items === null}>
        {items?.map((item) => (
          <li key={item.id}>
            <span>{item.text}</span>
            <button className="quiet" type="button" aria-label={`Remove ${item.text}`} onClick={() => remove(item)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
      <form className="inline" onSubmit={add}>
        <label className="hidden" htmlFor="new-item">
          New entry
        </label>
        <input
          id="new-item"
          placeholder="New entry"
          maxLength={80}
          required
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="submit">Add</button>
      </form>
      <div className="buttons">
        <button type="button" onClick={() => timeline.act('Show the list', () => send(''))}>
          Call again
        </button>
      </div>
      {error && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
    </section>
  );
}
