import { BulbOutlined, DownOutlined, GlobalOutlined, LogoutOutlined, UserOutlined } from '@ant-design/icons';
import { useNavigate } from '@tanstack/react-router';
import { Button, Dropdown } from 'antd';
import { useMember, useSessionVerbs } from '../../api/session.ts';
import { LANGUAGE_NAMES, LANGUAGES, useSpeaking, useWords } from '../../words/index.tsx';
import { LOOKS, useLookChoice } from '../look/look.tsx';
import { useTell } from '../say/problem.tsx';
import css from './shell.module.css';

/** Chooses the language, each named in its own words. */
export function LanguageMenu() {
  const { language, speak, words } = useSpeaking();
  const items = LANGUAGES.map((each) => ({
    key: each,
    label: <span lang={each}>{LANGUAGE_NAMES[each]}</span>,
    onClick: () => speak(each),
  }));
  return (
    <Dropdown menu={{ items, selectable: true, selectedKeys: [language] }} trigger={['click']}>
      <Button
        type="text"
        icon={<GlobalOutlined />}
        aria-label={`${words.navigation.language}: ${LANGUAGE_NAMES[language]}`}
      >
        <span className={css.wide}>{LANGUAGE_NAMES[language]}</span>
      </Button>
    </Dropdown>
  );
}

/** Chooses light or dark. */
export function LookMenu() {
  const { navigation } = useWords();
  const { look, choose } = useLookChoice();
  const items = LOOKS.map((each) => ({ key: each, label: navigation.look[each], onClick: () => choose(each) }));
  return (
    <Dropdown menu={{ items, selectable: true, selectedKeys: [look] }} trigger={['click']}>
      <Button type="text" icon={<BulbOutlined />} aria-label={`${navigation.look.label}: ${navigation.look[look]}`} />
    </Dropdown>
  );
}

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { navigation, session } = useWords();
  const { name, role } = useMember();
  const { signOut } = useSessionVerbs();
  const navigate = useNavigate();
  const tell = useTell();
  const items = [
    {
      key: 'account',
      icon: <UserOutlined />,
      label: navigation.pages.account,
      onClick: () => void navigate({ to: '/account' }),
    },
    {
      key: 'out',
      icon: <LogoutOutlined />,
      label: navigation.signOut,
      onClick: () => void signOut().catch(tell.problem),
    },
  ];
  return (
    <Dropdown menu={{ items }} trigger={['click']}>
      <Button type="text" className={css.account ?? ''}>
        <span className="unseen">{navigation.account}</span>
        <span className={css.who}>
          <span className={css.whoName}>{name}</span>
          <span className={css.whoRole}>{session.roles[role]}</span>
        </span>
        <DownOutlined className={css.down ?? ''} aria-hidden />
      </Button>
    </Dropdown>
  );
}
