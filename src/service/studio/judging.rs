//! The judges that every image passes before it leaves.

use std::sync::Arc;

use super::options::JudgeOptions;
use crate::runtime::Engine;
use crate::safety::{Judges, SafetyJudge};
use crate::service::catalogue::OpenError;
use crate::service::meters::Meters;

/// Opens the judges that the operator names; none where there are none.
pub(super) fn open(
    engine: &Engine,
    options: &JudgeOptions,
    meters: &Arc<Meters>,
) -> Result<Option<Arc<Judges>>, OpenError> {
    let opened = options.folders.iter().map(|folder| {
        SafetyJudge::open(engine, folder).map_err(|source| OpenError::Judge {
            folder: folder.clone(),
            source: Box::new(source),
        })
    });
    let opened = opened.collect::<Result<Vec<_>, _>>()?;
    let judges = || Judges::new(opened, options.action, Arc::clone(meters) as _);
    Ok((!options.folders.is_empty()).then(judges).map(Arc::new))
}
