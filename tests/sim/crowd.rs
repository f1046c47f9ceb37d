//! A thousand customers arrive while fifty agents claim and accept at once.
