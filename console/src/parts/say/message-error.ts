import { messageErrorOf } from 'signet/domain/message-error';
import { useWords } from '../../words/index.tsx';

/** Says the `error` of a message in the language of the page where it is the platform's; a carrier's words stay as they are. */
export function useMessageError(): (error: string) => string {
  const { messages } = useWords();
  return (error) => {
    const known = messageErrorOf(error);
    return known === null ? error : messages.errors[known];
  };
}
