// Who sends what to whom: a sequence diagram, whose steps light up while they happen.

const NAMES = { thief: 'Thief', browser: 'Browser', server: 'Server', store: 'Store' };

/** The columns of a picture: the thief stands next to the browser. */
const actorsOf = (picture) =>
  Object.keys(NAMES).filter((name) => picture.some(([from, to]) => from === name || to === name) || name === 'store');

function Step({ actors, message: [from, to, text, note], state, answer }) {
  const [a, b] = [actors.indexOf(from) + 1, actors.indexOf(to) + 1];
  const way = a === b ? 'self' : a < b ? 'right' : 'left';
  const place = { gridColumn: `${Math.min(a, b)} / ${Math.max(a, b) + 1}` };
  return (
    <li className={`step ${state} ${way} from-${from}`} style={{ '--actors': actors.length }}>
      <div className="message" style={place}>
        <span className="hidden">
          {NAMES[from]} to {NAMES[to]}:
        </span>
        <b>{text}</b>
        {note && <small>{note}</small>}
        <span className="arrow" aria-hidden="true" />
        {answer && <em>{answer}</em>}
      </div>
    </li>
  );
}

/** @param {{ picture: string[][], now: number | null, answers: Record<number, string> }} props now: the lit step */
export function Picture({ picture, now, answers }) {
  const actors = actorsOf(picture);
  const stateOf = (i) => (i === now ? 'now' : i in answers ? 'done' : 'ahead');
  return (
    <div className="picture" style={{ '--actors': actors.length }}>
      <ul className="actors" aria-hidden="true">
        {actors.map((name) => (
          <li key={name} className={name}>
            {NAMES[name]}
          </li>
        ))}
      </ul>
      <ol aria-label="Who sends what to whom">
        {picture.map((message, i) => (
          <Step key={i} actors={actors} message={message} state={stateOf(i)} answer={answers[i]} />
        ))}
      </ol>
    </div>
  );
}
