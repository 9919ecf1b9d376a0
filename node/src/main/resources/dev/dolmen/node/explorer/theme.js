'use strict';

// Runs before anything is drawn, so that a remembered choice does not flash the other one.
{
  const KEY = 'dolmen-theme';
  const CHOICES = ['auto', 'light', 'dark'];

  function remembered() {
    try {
      const kept = localStorage.getItem(KEY);
      return CHOICES.includes(kept) ? kept : 'auto';
    } catch (forbidden) {
      return 'auto'; // Storage may be turned off.
    }
  }

  function apply(choice) {
    if (choice === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  }

  function offer(button) {
    let choice = remembered();
    const show = () => {
      button.textContent = { auto: '◐', light: '☀', dark: '☾' }[choice];
      const words = { auto: 'as the system', light: 'light', dark: 'dark' }[choice];
      button.setAttribute('aria-label', 'Colours: ' + words);
      button.title = 'Colours: ' + words;
    };
    button.addEventListener('click', () => {
      choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
      apply(choice);
      show();
      try {
        localStorage.setItem(KEY, choice);
      } catch (forbidden) {
        // It holds until the page is closed.
      }
    });
    show();
  }

  apply(remembered());
  document.addEventListener('DOMContentLoaded', () => offer(document.getElementById('theme')));
}
