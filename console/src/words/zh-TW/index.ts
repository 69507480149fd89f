import components from 'antd/locale/zh_TW';
import type { Words } from '../index.tsx';
import { audit } from './audit.ts';
import { businesses } from './businesses.ts';
import { cdr } from './cdr.ts';
import { channels } from './channels.ts';
import { common } from './common.ts';
import { evidence } from './evidence.ts';
import { figures } from './figures.ts';
import { inbound } from './inbound.ts';
import { keys } from './keys.ts';
import { ledger } from './ledger.ts';
import { limits } from './limits.ts';
import { lists } from './lists.ts';
import { members } from './members.ts';
import { messages } from './messages.ts';
import { navigation } from './navigation.ts';
import { overview } from './overview.ts';
import { plans } from './plans.ts';
import { prices } from './prices.ts';
import { problems } from './problems.ts';
import { reference } from './reference.ts';
import { reviews } from './reviews.ts';
import { routing } from './routing.ts';
import { send } from './send.ts';
import { session } from './session.ts';
import { settings } from './settings.ts';
import { signatures } from './signatures.ts';
import { states } from './states.ts';
import { tasks } from './tasks.ts';
import { templates } from './templates.ts';
import { text } from './text.ts';
import { webhooks } from './webhooks.ts';
import { welcome } from './welcome.ts';

export const zhTW: Words = {
  businesses,
  channels,
  figures,
  prices,
  cdr,
  common,
  evidence,
  inbound,
  keys,
  ledger,
  limits,
  lists,
  members,
  messages,
  navigation,
  overview,
  plans,
  problems,
  reference,
  reviews,
  routing,
  send,
  session,
  settings,
  signatures,
  states,
  templates,
  text,
  welcome,
  audit,
  tasks,
  webhooks,
};
export { components };
