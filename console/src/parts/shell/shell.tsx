import { MenuFoldOutlined, MenuOutlined, MenuUnfoldOutlined } from '@ant-design/icons';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Button, Drawer, Tooltip } from 'antd';
import { useEffect, useState } from 'react';
import { useMember } from '../../api/session.ts';
import { useWords } from '../../words/index.tsx';
import { AccountMenu, LanguageMenu, LookMenu } from './menus.tsx';
import { visibleTo } from './navigation.tsx';
import seal from './seal.svg';
import css from './shell.module.css';

const STORED = 'signet.narrow';

/** What stands around every screen: the way to the others, who is signed in, language and look. */
export function Shell() {
  const words = useWords();
  const { navigation, common } = words;
  const [narrow, setNarrow] = useState(() => localStorage.getItem(STORED) === 'yes');
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it closes whenever one has gone somewhere
  useEffect(() => setOpen(false), [pathname]);
  const fold = () => {
    localStorage.setItem(STORED, narrow ? 'no' : 'yes');
    setNarrow(!narrow);
  };
  return (
    <div className={css.shell} data-narrow={narrow}>
      <a className={css.skip} href="#content">
        {common.skip}
      </a>
      <aside className={css.side}>
        <Brand narrow={narrow} />
        <Pages narrow={narrow} />
        <div className={css.fold}>
          <Button
            type="text"
            size="small"
            icon={narrow ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
            aria-label={narrow ? navigation.expand : navigation.collapse}
            onClick={fold}
          />
        </div>
      </aside>
      <Drawer
        placement="left"
        size={264}
        open={open}
        onClose={() => setOpen(false)}
        title={<Brand narrow={false} />}
        styles={{ body: { padding: 0 }, header: { padding: '10px 14px' } }}
      >
        <Pages narrow={false} />
      </Drawer>
      <div className={css.main}>
        <header className={css.top}>
          <Button
            className={css.burger ?? ''}
            type="text"
            icon={<MenuOutlined />}
            aria-label={navigation.open}
            onClick={() => setOpen(true)}
          />
          <div className={css.space} />
          <LanguageMenu />
          <LookMenu />
          <AccountMenu />
        </header>
        <main id="content" className={css.content} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}

function Brand({ narrow }: { narrow: boolean }) {
  return (
    <Link to="/overview" className={css.brand} aria-label="Signet">
      <img src={seal} width={28} height={28} alt="" />
      {!narrow && <span>Signet</span>}
    </Link>
  );
}

function Pages({ narrow }: { narrow: boolean }) {
  const { navigation } = useWords();
  const member = useMember();
  return (
    <nav className={css.pages} aria-label={navigation.label}>
      {visibleTo(member).map(({ group, entries }) => (
        <div key={group ?? ''} className={css.group}>
          {group !== null && !narrow && <h2 className={css.groupName}>{navigation.groups[group]}</h2>}
          <ul>
            {entries.map(({ page, to, icon }) => {
              const name = navigation.pages[page];
              const link = (
                <Link
                  to={to}
                  className={css.page}
                  activeProps={{ className: css.here ?? '', 'aria-current': 'page' }}
                  {...(narrow && { 'aria-label': name })}
                >
                  <span className={css.icon} aria-hidden="true">
                    {icon}
                  </span>
                  {!narrow && <span className={css.pageName}>{name}</span>}
                </Link>
              );
              return (
                <li key={page}>
                  {narrow ? (
                    <Tooltip title={name} placement="right">
                      {link}
                    </Tooltip>
                  ) : (
                    link
                  )}
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </nav>
  );
}
