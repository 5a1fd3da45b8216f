// All that a React app needs: see docs/browser.md.

import { useSyncExternalStore } from 'react';
import { client } from './session.js';

/** @returns {{ status: 'loading' | 'in' | 'out', user: object | null, login: Function, logout: Function }} */
export function useSession() {
  const state = useSyncExternalStore(client.subscribe, client.getState, client.getState);
  return { ...state, login: client.login, logout: client.logout };
}
