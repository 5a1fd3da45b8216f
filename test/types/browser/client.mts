// What the types of signet-jwt/client promise. Compiled, never run.

import { createClient, type Client, type ClientError, type ClientState } from 'signet-jwt/client';

interface User {
  id: string;
  isAdmin: boolean;
}

const client: Client<User> = createClient<User>({
  baseUrl: '/auth',
  origins: ['https://api.example.com'],
  refreshOn: (r) => r.status === 403,
});
const state: ClientState<User> = client.getState();
const admin: boolean | undefined = state.user?.isAdmin;
const stop: () => void = client.subscribe(({ status }) => {
  if (status === 'in') stop();
});
const user: Promise<User> = client.login({ username: 'john' });
const token: Promise<string | null> = client.getToken();
const response: Promise<Response> = client.fetch(new URL('https://api.example.com'), { method: 'POST' });
const code = (err: ClientError): [string | undefined, number, number | undefined] => [
  err.code,
  err.status,
  err.retryAfter,
];

createClient({ transport: 'body', storage: 'session' });
const place = { get: async () => null, set: async () => {}, remove: () => {} };
createClient({ transport: 'body', storage: place });
createClient({ transport: 'body', storage: { ...place, keys: place } });

// @ts-expect-error no such transport
createClient({ transport: 'header' });
// @ts-expect-error a storage that cannot be emptied
createClient({ storage: { get: () => null, set: () => {} } });
// @ts-expect-error a place for keys that cannot be emptied
createClient({ storage: { ...place, keys: { get: () => null, set: () => {} } } });
// @ts-expect-error the state is for reading
client.getState().status = 'in';

export { admin, user, token, response, code };
