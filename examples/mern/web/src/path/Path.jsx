import { useEffect, useRef, useState } from 'react';
import { Outcome } from '../Outcome.jsx';
import { runLesson, useRunning } from '../run.js';
import { Code } from './Code.jsx';
import { chapters } from './chapters.js';
import { excerpt } from './code.js';
import { Picture } from './Picture.jsx';

const LIT_MS = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 450;
const SHOWN = 18;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** An answer on a few characters: tokens are long. */
const shorten = (value) =>
  JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/"(eyJ[\w-]{8})[\w.-]+"/g, '"$1…"');

/** What a step's answer was, next to its arrow. */
function badgeOf(answer) {
  if (answer?.status) return String(answer.status);
  return typeof answer === 'string' && !answer.startsWith('eyJ') ? answer.slice(0, SHOWN * 2) : '✓';
}

/** Runs a chapter, and shows its steps while they happen. */
function useChapter(chapter, user, onPassed) {
  const empty = { now: null, answers: {}, bodies: [], notes: [], outcome: null };
  const [seen, setSeen] = useState(empty);
  const change = (work) => setSeen((before) => ({ ...before, ...work(before) }));

  async function run() {
    setSeen(empty);
    const step = async (i, work) => {
      change(() => ({ now: i }));
      const [answer] = await Promise.all([work(), pause(LIT_MS)]);
      change(({ answers, bodies }) => ({
        answers: { ...answers, [i]: badgeOf(answer) },
        bodies:
          answer?.body === undefined
            ? bodies
            : [...bodies, [chapter.picture[i][2], shorten(answer.body), answer.status]],
      }));
      return answer;
    };
    const note = (text) => change(({ notes }) => ({ notes: [...notes, text] }));
    const outcome = await runLesson(chapter.id, (tools) => chapter.run({ user, step, note, ...tools }));
    change(() => ({ now: null, outcome }));
    if (!outcome.problem && outcome.checks.every(({ isSo }) => isSo)) onPassed(chapter.id);
  }
  return { ...seen, run };
}

function Bodies({ notes, bodies }) {
  return (
    <ol className="bodies">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
      {bodies.map(([what, text, status], i) => (
        <li key={i}>
          <code>{what}</code> → <b className="status">{status}</b> <code>{text}</code>
        </li>
      ))}
    </ol>
  );
}

function Chapter({ chapter, number, user, next, go, onPassed }) {
  const { now, answers, bodies, notes, outcome, run } = useChapter(chapter, user, onPassed);
  const isRunning = useRunning() !== null;
  const { first, lines } = excerpt(chapter.code);
  const title = useRef(null);
  useEffect(() => {
    title.current.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, []);
  return (
    <article className="chapter" aria-labelledby="chapter-title">
      <h1 id="chapter-title" tabIndex="-1" ref={title}>
        {number}. {chapter.title}
      </h1>
      {number === 1 && (
        <p className="hint">
          Signet signs tokens and keeps sessions for Express apps. These five steps show a login on this very server:
          each button does what it says, and the page checks what came back.
        </p>
      )}
      <p className="says">{chapter.says}</p>
      <div className="stage">
        <Picture picture={chapter.picture} now={now} answers={answers} />
        <div className="doing">
          <div className="buttons">
            <button className={outcome ? '' : 'main'} type="button" disabled={isRunning || !user} onClick={run}>
              {chapter.button}
            </button>
            {outcome && (
              <button className="main" type="button" onClick={() => go(next.id)}>
                Next: {next.title}
              </button>
            )}
          </div>
          <section className="happened" aria-labelledby="chapter-happened" aria-live="polite">
            <h2 id="chapter-happened">What really happened</h2>
            {bodies.length === 0 && <p className="none">Press the button: each answer appears here as it comes.</p>}
            <Bodies notes={notes} bodies={bodies} />
            {outcome && <Outcome outcome={outcome}>{outcome.text && <p>{outcome.text}</p>}</Outcome>}
          </section>
        </div>
      </div>
      <div className="codes">
        <Code
          title={`In this app: server/app.js, lines ${first} to ${first + lines.length - 1}`}
          lines={lines}
          mark={chapter.code.mark}
        />
        <Code title="In the usual JWT tutorial" lines={chapter.before.split('\n')}>
          <p className="below">{chapter.beforeSays}</p>
        </Code>
      </div>
    </article>
  );
}

/** @param {{ place: string, go: (place: string) => void, user: object | undefined }} props user: the demo user john */
export function Path({ place, go, user }) {
  const [passed, setPassed] = useState(() => new Set());
  const index = Math.max(
    0,
    chapters.findIndex(({ id }) => id === place),
  );
  const next = chapters[index + 1] ?? { id: 'free-play', title: 'Free play' };
  return (
    <>
      <nav className="path" aria-label="Chapters">
        <ol>
          {chapters.map(({ id, title }, i) => (
            <li key={id} className={passed.has(id) ? 'passed' : ''}>
              <a className="link" href={`#${id}`} aria-current={i === index ? 'step' : undefined}>
                {title}
                {passed.has(id) && <span className="hidden"> (done)</span>}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <Chapter
        key={chapters[index].id}
        chapter={chapters[index]}
        number={index + 1}
        onPassed={(id) => setPassed((before) => new Set(before).add(id))}
        {...{ user, next, go }}
      />
    </>
  );
}
