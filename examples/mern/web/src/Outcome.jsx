/** What a lesson claimed, and whether it was so. @param {{ outcome: { checks: object[], problem?: string } }} props */
export function Outcome({ outcome, children }) {
  const isAsTold = !outcome.problem && outcome.checks.every(({ isSo }) => isSo);
  return (
    <div className={isAsTold ? 'outcome' : 'outcome otherwise'}>
      {!isAsTold && <p>This time it went otherwise than told. Run it again.</p>}
      <ul>
        {outcome.checks.map(({ claim, isSo }) => (
          <li key={claim} className={isSo ? 'so' : 'not-so'}>
            <span className="hidden">{isSo ? 'Seen: ' : 'Not seen: '}</span>
            {claim}
          </li>
        ))}
      </ul>
      {outcome.problem && <p>It did not get that far: {outcome.problem}</p>}
      {children}
    </div>
  );
}
