//! At how many seeds a study is looked at. The plan is made before the first run, because how strict a look has to be depends
//! on those that may follow.

use crate::error::Error;
use serde::{Deserialize, Serialize};

/// Two seeds say next to nothing of how much seeds vary: their interval covers too seldom, or is uselessly wide.
const LEAST_SEEDS: usize = 3;

/// The numbers of seeds at which a study is looked at, ascending, each at least 3. The last is the most that are planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<usize>", into = "Vec<usize>")]
pub struct Plan(Vec<usize>);

impl Default for Plan {
    /// 3, 5, 10 and 20 seeds.
    fn default() -> Plan {
        Plan(vec![3, 5, 10, 20])
    }
}

impl Plan {
    /// A plan of these looks.
    ///
    /// # Errors
    /// [`Error::Looks`] without looks, for looks that do not ascend, and for one at fewer than 3 seeds.
    pub fn check(looks: &[usize]) -> Result<Plan, Error> {
        let ascending = looks.windows(2).all(|pair| pair[0] < pair[1]);
        match looks.first() {
            Some(&first) if ascending && first >= LEAST_SEEDS => Ok(Plan(looks.to_vec())),
            _ => Err(Error::Looks { found: looks.to_vec() }),
        }
    }

    /// The default's looks below `most` seeds, then `most`.
    ///
    /// # Errors
    /// [`Error::Looks`] below 3 seeds.
    pub fn for_seeds(most: usize) -> Result<Plan, Error> {
        let before = Plan::default().0.into_iter().filter(|&seeds| seeds < most);
        Plan::check(&before.chain([most]).collect::<Vec<_>>())
    }

    /// The numbers of seeds, ascending; at least one.
    pub fn looks(&self) -> &[usize] {
        &self.0
    }

    /// The least number of seeds that is looked at.
    pub fn first(&self) -> usize {
        self.0[0]
    }

    /// The most seeds that are planned.
    pub fn most(&self) -> usize {
        self.0[self.0.len() - 1]
    }
}

impl TryFrom<Vec<usize>> for Plan {
    type Error = Error;

    fn try_from(looks: Vec<usize>) -> Result<Plan, Error> {
        Plan::check(&looks)
    }
}

impl From<Plan> for Vec<usize> {
    fn from(plan: Plan) -> Vec<usize> {
        plan.0
    }
}
