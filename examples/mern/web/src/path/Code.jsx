import { colour } from './code.js';

function Line({ text, isMarked }) {
  return (
    <span className={isMarked ? 'code-line marked' : 'code-line'}>
      {colour(text).map(({ kind, text: part }, i) => (
        <span key={i} className={kind}>
          {part}
        </span>
      ))}
      {'\n'}
    </span>
  );
}

/** @param {{ title: string, lines: string[], mark?: string, children?: React.ReactNode }} props */
export function Code({ title, lines, mark, children }) {
  return (
    <figure className="lines">
      <figcaption>{title}</figcaption>
      <pre tabIndex="0">
        <code>
          {lines.map((line, i) => (
            <Line key={i} text={line} isMarked={Boolean(mark) && line.includes(mark)} />
          ))}
        </code>
      </pre>
      {children}
    </figure>
  );
}
