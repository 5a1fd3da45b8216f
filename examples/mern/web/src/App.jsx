import { useCallback, useEffect, useState } from 'react';
import { Path } from './path/Path.jsx';
import { Play } from './play/Play.jsx';
import { Timeline } from './play/Timeline.jsx';
import { tutorial } from './path/tutorial.js';
import { client, demo } from './session.js';
import { timeline } from './timeline.js';
import { useSession } from './useSession.js';

const PLAY = 'free-play';

function useAbout() {
  const [about, setAbout] = useState(null);
  useEffect(() => {
    demo('/about').then(setAbout, () => setAbout({ users: [], isProduction: true }));
  }, []);
  return about;
}

/** The chapter, or free play: what stands after # in the address, so that links and the back button work. */
function usePlace() {
  const [place, setPlace] = useState(() => location.hash.slice(1));
  useEffect(() => {
    const follow = () => setPlace(location.hash.slice(1));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const go = useCallback((to) => {
    location.hash = to;
  }, []);
  return [place, go];
}

function Header({ state, name, isPlaying }) {
  const leave = () => timeline.act('Log out', () => client.logout());
  return (
    <header className="top">
      <a className="brand" href="#log-in" aria-label="Signet, first chapter">
        <svg viewBox="0 0 40 40" aria-hidden="true">
          <circle cx="20" cy="20" r="19" />
          <path d="M26 13c-7-5-16 1-10 6s10 4 7 8-10 2-11 0" />
        </svg>
        <span>Signet</span>
      </a>
      <nav className="views" aria-label="Views">
        <a className="link" href="#log-in" aria-current={isPlaying ? undefined : 'page'}>
          The path
        </a>
        <a className="link" href={`#${PLAY}`} aria-current={isPlaying ? 'page' : undefined}>
          Free play
        </a>
      </nav>
      {isPlaying && state.status === 'in' && (
        <div className="who">
          <span className="person">
            {name}
            {state.user.isAdmin && <em className="badge">admin</em>}
          </span>
          <button className="quiet" type="button" onClick={leave}>
            Log out
          </button>
        </div>
      )}
    </header>
  );
}

export function App() {
  const session = useSession();
  const about = useAbout();
  const [place, go] = usePlace();
  const isPlaying = place === PLAY || Boolean(about?.isProduction); // without the demo's routes there is no path
  const name = about?.users.find(({ id }) => id === session.user?.id)?.username ?? 'you';
  useEffect(() => {
    if (!isPlaying) return;
    tutorial.leave().catch(() => {});
  }, [isPlaying]);
  return (
    <>
      <button className="skip" type="button" onClick={() => document.getElementById('content').focus()}>
        Skip to the content
      </button>
      <Header state={session} name={name} isPlaying={isPlaying} />
      <div className={isPlaying ? 'columns' : 'column'}>
        <main id="content" tabIndex="-1">
          {isPlaying ? (
            <Play {...{ session, about, name }} />
          ) : (
            <Path place={place} go={go} user={about?.users.find(({ username }) => username === 'john')} />
          )}
        </main>
        {isPlaying && session.status !== 'loading' && <Timeline isFolded={session.status === 'out'} />}
      </div>
    </>
  );
}
