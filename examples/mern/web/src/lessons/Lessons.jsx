import { useState } from 'react';
import { timeline } from '../timeline.js';
import { lessons } from './lessons.js';

function Lesson({ lesson, context }) {
  const [result, setResult] = useState(null);
  const [isRunning, setRunning] = useState(false);
  const reason = lesson.cannot?.(context);

  async function run() {
    setRunning(true);
    setResult(null);
    try {
      setResult(await timeline.act(lesson.title(context), () => lesson.run(context)));
    } catch (err) {
      setResult({ text: `It did not get that far: ${err.message}`, isBad: true });
    } finally {
      setRunning(false);
      context.reloadAbout();
    }
  }

  return (
    <li className="lesson">
      <h3>{lesson.title(context)}</h3>
      <p>{lesson.about}</p>
      <button type="button" disabled={isRunning || Boolean(reason)} onClick={run}>
        {isRunning ? 'Watch what happens …' : lesson.button(context)}
      </button>
      {reason && <p className="none">{reason}</p>}
      <p className={result?.isBad ? 'result bad' : 'result'} role="status">
        {result?.text}
      </p>
    </li>
  );
}

export function Lessons(context) {
  return (
    <section className="lessons" aria-labelledby="lessons-title">
      <h2 id="lessons-title">Try to break it</h2>
      <ul>
        {lessons.map((lesson) => (
          <Lesson key={lesson.id} lesson={lesson} context={context} />
        ))}
      </ul>
    </section>
  );
}
