// The whole of what a React app needs: docs/browser.md explains it.

import { useSyncExternalStore } from 'react';
import { client } from './session.js';

/** @returns {{ status: 'loading' | 'in' | 'out', user: object | null, login: Function, logout: Function }} */
export function useSession() {
  const state = useSyncExternalStore(client.subscribe, client.getState, client.getState);
  return { ...state, login: client.login, logout: client.logout };
}
