import { useState } from 'react';
import { Outcome } from '../Outcome.jsx';
import { runLesson, useRunning } from '../run.js';
import { client } from '../session.js';
import { timeline } from '../timeline.js';
import { lessons } from './lessons.js';

function Lesson({ lesson, context }) {
  const [outcome, setOutcome] = useState(null);
  const running = useRunning();
  const { user, demoUser } = context;
  const reason = user ? lesson.cannot?.(context) : 'Log in first.';

  async function run() {
    setOutcome(null);
    setOutcome(
      await timeline.act(lesson.title, () => runLesson(lesson.id, (tools) => lesson.run({ ...context, ...tools }))),
    );
  }
  const logInAgain = () =>
    timeline.act('Log in again', () => client.login({ username: demoUser.username, password: demoUser.password }));

  return (
    <li className="lesson">
      <h3>{lesson.title}</h3>
      <p>{lesson.about}</p>
      <div role="status">
        {outcome && (
          <Outcome outcome={outcome}>
            {outcome.text && <p>{outcome.text}</p>}
            {!user && lesson.endsSession && demoUser && (
              <button className="main" type="button" onClick={logInAgain}>
                Log in again as {demoUser.username}
              </button>
            )}
          </Outcome>
        )}
      </div>
      {reason && <p className="none">{reason}</p>}
      <button type="button" disabled={running !== null || Boolean(reason)} onClick={run}>
        {running === lesson.id ? 'Watch what happens …' : lesson.button}
      </button>
    </li>
  );
}

export function Lessons(context) {
  return (
    <section className="lessons" aria-labelledby="lessons-title">
      <h2 id="lessons-title">Try to break it</h2>
      <p className="hint">Each one checks what it says, and puts everything back.</p>
      <ul>
        {lessons.map((lesson) => (
          <Lesson key={lesson.id} lesson={lesson} context={context} />
        ))}
      </ul>
    </section>
  );
}
