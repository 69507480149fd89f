import { Alert, App, Button } from 'antd';
import { ApiProblem } from '../../api/problem.ts';
import { useWords, type Words } from '../../words/index.tsx';

/** Of these only the server's own words say what exactly is wrong: which line of the file, which routes. */
const TELLS_MORE: ReadonlySet<string> = new Set(['fileRefused', 'webhookUnreachable', 'channelNamedByRoute']);

/** What to do about a problem, in the language that is spoken. */
export function problemText(words: Words, error: unknown): string {
  const { problems } = words;
  if (!(error instanceof ApiProblem)) return problems.say.defect;
  const wait = error.retryAfterS === null ? '' : ` ${problems.wait(error.retryAfterS)}`;
  if (error.code === 'invalidField' && error.field !== null) {
    const rule = error.detail.startsWith(`${error.field}: `)
      ? error.detail.slice(error.field.length + 2)
      : error.detail;
    return problems.field(error.field, rule);
  }
  const said = (problems.say as Record<string, string>)[error.code];
  if (said !== undefined) return `${said}${TELLS_MORE.has(error.code) ? ` (${error.detail})` : ''}${wait}`;
  return (error.code === 'answerUnreadable' ? problems.unknown(error.status) : error.detail) + wait;
}

/** A problem where it happened, with what to do. */
export function ProblemNote({ error, onAgain }: { error: unknown; onAgain?: () => void }) {
  const words = useWords();
  if (error === null || error === undefined) return null;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      style={{ marginBottom: 16 }}
      title={problemText(words, error)}
      action={
        onAgain && (
          <Button size="small" onClick={onAgain}>
            {words.common.again}
          </Button>
        )
      }
    />
  );
}

/** Tells at the edge of the page that something is done, or why it is not. */
export function useTell() {
  const words = useWords();
  const { message, notification } = App.useApp();
  return {
    done: (text: string) => void message.success(text),
    problem: (error: unknown) =>
      notification.error({
        title: words.problems.title,
        description: problemText(words, error),
        placement: 'topRight',
        role: 'alert',
        duration: 8,
      }),
  };
}
